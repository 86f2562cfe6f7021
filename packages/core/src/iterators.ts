import type { Key } from "./commands/types.ts"
import { integer, readOptions, secret } from "./config/options.ts"
import { ArgumentError } from "./errors.ts"
import type { Reply } from "./transport.ts"

/** What every scan takes. */
export interface ScanOptions {
  /** Only elements that match the glob pattern; the server reads all of them all the same. */
  readonly match?: string | undefined
  /** How many elements the server looks at in one step: a hint. @defaultValue 10, the server's own */
  readonly count?: number | undefined
}

/** What a scan of the keys takes. */
export interface ScanKeysOptions extends ScanOptions {
  /** Only keys of this type: `string`, `hash`, `list`, `set`, `zset`, `stream`. */
  readonly type?: string | undefined
}

const spec = { match: secret(), count: integer(1, Number.POSITIVE_INFINITY) }
const keysSpec = { ...spec, type: secret() }

/** Takes the steps of a scan. */
export interface Scanned {
  call(name: string, ...args: readonly Key[]): Promise<unknown>
}

/** Elements one by one. As the server says: what changes meanwhile may be missed, and what is there may come twice. */
export async function* scanElements(
  scanned: Scanned,
  { name, key, options }: Scan,
): AsyncGenerator<string, void, undefined> {
  const read = readOptions(`${name}Iterator`, name === "scan" ? keysSpec : spec, options, ArgumentError)
  const given = Object.entries(read).flatMap(([option, value]) =>
    value === undefined ? [] : [option.toUpperCase(), String(value)],
  )
  let cursor = "0"
  do {
    const reply = await scanned.call(name, ...key, cursor, ...given)
    const [next, elements] = reply as [Reply, string[]]
    yield* elements
    cursor = String(next)
  } while (cursor !== "0")
}

/** Elements two by two: field and value, member and score. */
export async function* scanPairs(
  scanned: Scanned,
  scan: Scan,
): AsyncGenerator<[string, string], void, undefined> {
  let first: string | undefined
  for await (const element of scanElements(scanned, scan)) {
    if (first !== undefined) yield [first, element]
    first = first === undefined ? element : undefined
  }
}

/** One scan: its command, the key it reads, if any, and its options. */
export interface Scan {
  readonly name: "scan" | "hscan" | "sscan" | "zscan"
  readonly key: readonly Key[]
  readonly options: ScanKeysOptions | undefined
}
