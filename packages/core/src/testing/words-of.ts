/**
 * Everything that an inspection of `value` could print: strings, names, stacks, bytes as text, own properties
 * hidden ones included, causes, as deep as they go.
 */
export function wordsOf(value: unknown, seen: Set<unknown> = new Set()): string {
  if (typeof value === "string") return value
  if (typeof value !== "object" || value === null || seen.has(value)) return String(value)
  seen.add(value)
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  const parts = Reflect.ownKeys(value).map(
    (key) => `${String(key)}: ${wordsOf(Reflect.get(value, key), seen)}`,
  )
  return [value instanceof Error ? String(value) : "", ...parts].join("\n")
}
