/** What an error shows of a wrong value: a number, else its type alone: it may be a secret. */
export function shown(value: unknown): string {
  if (value === null || typeof value === "number") return String(value)
  return Array.isArray(value) ? "an array" : `of type ${typeof value}`
}
