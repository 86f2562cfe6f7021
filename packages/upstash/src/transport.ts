import { fn, readOptions } from "@warmpool/core/config"
import type { Parser } from "@warmpool/core/resp"
import { webCodec } from "./codec.ts"
import { type Fetch, fetchLine } from "./fetch-line.ts"
import { HttpTransport, type UpstashTransport } from "./http-transport.ts"
import { readUpstash, type UpstashOptions, upstashSpec, WHERE } from "./options.ts"
import { respReader } from "./resp.ts"

export type { Fetch } from "./fetch-line.ts"
export type { UpstashTransport } from "./http-transport.ts"
export type { UpstashOptions } from "./options.ts"

/** What `upstashTransport` takes where there is only `fetch`. */
export interface FetchUpstashOptions extends UpstashOptions {
  /** `Parser` of `@warmpool/core/resp`: asks for RESP2, which is faster to read and larger to ship. @defaultValue JSON */
  readonly resp2?: typeof Parser | undefined
}

/**
 * A transport over the Upstash REST protocol, by `fetch`.
 *
 * @throws ConfigError if an option is unknown or wrong.
 */
export function upstashTransport(given: FetchUpstashOptions): UpstashTransport {
  const spec = { ...upstashSpec, resp2: fn<typeof Parser>() }
  const { resp2, ...options } = readOptions(WHERE, spec, given)
  const { url, ...told } = readUpstash(options)
  const reading = { codec: webCodec, resp: resp2 && respReader(resp2) }
  // Workers refuse a `fetch` that is called as a method.
  const fetch: Fetch = options.fetch ?? ((address, init) => globalThis.fetch(address, init))
  return new HttpTransport({ ...told, reading, eager: true, line: () => fetchLine(url, fetch) })
}
