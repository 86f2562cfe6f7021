/** The kind of a value, such as `Array`, `Map` or `Object`; also of one made in another realm. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}
