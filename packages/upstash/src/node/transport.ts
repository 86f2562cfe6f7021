import { either, flag, fn, readOptions } from "@warmpool/core/config"
import { Parser } from "@warmpool/core/resp"
import type { Parts } from "../exchange.ts"
import { fetchLine } from "../fetch-line.ts"
import { makeTransport, type UpstashTransport } from "../make-transport.ts"
import { readUpstash, type UpstashOptions, upstashSpec, WHERE } from "../options.ts"
import { respReader } from "../resp.ts"
import { nodeCodec, parserOptions } from "./codec.ts"
import { httpLine } from "./http-line.ts"
import { ListeningConnection } from "./listening-connection.ts"
import { tellUnsent } from "./tell-unsent.ts"

export type { Fetch } from "../fetch-line.ts"
export type { UpstashTransport } from "../make-transport.ts"
export type { UpstashOptions } from "../options.ts"

/** What `upstashTransport` takes on Node. */
export interface NodeUpstashOptions extends UpstashOptions {
  /**
   * Whether to ask for replies in RESP2, which are faster to read. A parser is taken for true, so that code for the
   * edge runs here too. @defaultValue once a gateway of ours has announced itself
   */
  readonly resp2?: boolean | typeof Parser | undefined
}

/**
 * A transport over the Upstash REST protocol, by a keep-alive agent of `node:http(s)`.
 *
 * @throws ConfigError if an option is unknown or wrong.
 */
export function upstashTransport(given: NodeUpstashOptions): UpstashTransport {
  const spec = { ...upstashSpec, resp2: either(flag(), fn<typeof Parser>()) }
  const { resp2, ...options } = readOptions(WHERE, spec, given)
  const { url, server } = readUpstash(options)
  const { fetch } = options
  const resp = resp2 === false ? undefined : respReader(Parser, parserOptions)
  const makers = {
    line: () => (fetch ? fetchLine(url, tellUnsent(fetch)) : httpLine(url)),
    connection: (parts: Parts) =>
      new ListeningConnection(parts, { url, fetch: fetch ?? ((...given) => globalThis.fetch(...given)) }),
  }
  return makeTransport({ server, codec: nodeCodec, resp, eager: Boolean(resp2) }, makers)
}
