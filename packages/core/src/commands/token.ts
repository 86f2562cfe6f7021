const decoder = new TextDecoder()

/** Longest word that any command knows as an option or a subcommand, with room to spare. */
const LONGEST_TOKEN = 32

/** An argument as an option's name: lower case; "" where there is none, or when it can't be one. */
export function tokenAt(args: readonly unknown[], index: number): string {
  const arg = args[index]
  if (typeof arg === "string") return arg.length > LONGEST_TOKEN ? "" : arg.toLowerCase()
  if (!(arg instanceof Uint8Array) || arg.byteLength > LONGEST_TOKEN) return ""
  return decoder.decode(arg).toLowerCase()
}

/** An argument as a number; NaN where there is none. */
export function numberAt(args: readonly unknown[], index: number): number {
  const arg = args[index]
  if (typeof arg === "number") return arg
  const token = tokenAt(args, index)
  return token === "" ? Number.NaN : Number(token)
}

/** Whether a word stands in a list of words, the tables' own form: less to carry along than arrays of them. */
export function hasWord(list: string | undefined, word: string): boolean {
  return list?.split(" ").includes(word) ?? false
}
