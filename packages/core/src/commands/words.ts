/** Whether a word stands in a list of words. */
export function hasWord(list: string | undefined, word: string): boolean {
  return list?.split(" ").includes(word) ?? false
}
