/** Something is not there and can't be mended from here. The message is one line: what, and how to get it. */
export class Missing extends Error {
  name = "Missing"
}
