import { inspect } from "node:util"

/** What every planted secret begins with. */
export const planted = /planted-/

/** Every word that something makes known however one looks at it: its text, its JSON, its properties, its causes. */
export function wordsOf(thing: unknown): string {
  const words = [inspect(thing, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null })]
  const seen = new Set<unknown>()
  const look = (value: unknown): void => {
    if (typeof value === "string") words.push(value)
    if (value instanceof Uint8Array) words.push(Buffer.from(value).toString("latin1"))
    if (typeof value !== "object" || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Error) words.push(String(value), value.message, value.stack ?? "")
    words.push(jsonOf(value))
    for (const key of Reflect.ownKeys(value)) look(Reflect.get(value, key))
  }
  look(thing)
  return words.join("\n")
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value) ?? ""
  } catch {
    return ""
  }
}
