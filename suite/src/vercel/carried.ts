/** What JSON has no word for, as a pair of a name and what it stands for. */
type Told = readonly ["plain" | "bytes" | "error" | "list" | "object" | "nothing", unknown]

/** Puts what a client gives into JSON; runs in any runtime. */
export function tell(value: unknown): Told {
  if (value === undefined) return ["nothing", null]
  if (value instanceof Uint8Array) return ["bytes", [...value]]
  if (value instanceof Error)
    return ["error", { name: value.name, message: value.message, code: Reflect.get(value, "code") }]
  if (Array.isArray(value)) return ["list", value.map(tell)]
  if (typeof value === "object" && value !== null) {
    return ["object", Object.entries(value).map(([key, held]) => [key, tell(held)])]
  }
  return ["plain", value]
}

/** The value again: bytes are a `Uint8Array`, an error is one of its name and words. */
export function hear([kind, told]: Told): unknown {
  if (kind === "nothing") return undefined
  if (kind === "bytes") return Uint8Array.from(told as number[])
  if (kind === "error") return Object.assign(new Error(), told)
  if (kind === "list") return (told as Told[]).map(hear)
  if (kind === "object") {
    return Object.fromEntries((told as [string, Told][]).map(([key, held]) => [key, hear(held)]))
  }
  return told
}
