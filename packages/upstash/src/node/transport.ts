import { type Connection, ConnectionError } from "@warmpool/core"
import { either, flag, fn, readOptions } from "@warmpool/core/config"
import type { Exchanger } from "@warmpool/core/exchange"
import { Parser } from "@warmpool/core/resp"
import type { Batch } from "../answers.ts"
import { type Fetch, fetchLine } from "../fetch-line.ts"
import { HttpTransport, type Parts, type UpstashTransport } from "../http-transport.ts"
import type { Line } from "../line.ts"
import { readUpstash, type UpstashOptions, upstashSpec, WHERE } from "../options.ts"
import { respReader } from "../resp.ts"
import { nodeCodec, parserOptions } from "./codec.ts"
import { httpLine } from "./http-line.ts"
import { type Ear, ListeningConnection } from "./listening-connection.ts"
import { tellUnsent } from "./tell-unsent.ts"

export type { Fetch } from "../fetch-line.ts"
export type { UpstashTransport } from "../http-transport.ts"
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
  const { url, ...told } = readUpstash(options)
  const { fetch } = options
  const reading = { codec: nodeCodec, resp: resp2 === false ? undefined : respReader(Parser, parserOptions) }
  const line = () => (fetch ? fetchLine(url, tellUnsent(fetch)) : httpLine(url))
  const ear = { url, fetch: fetch ?? ((...given: Parameters<Fetch>) => globalThis.fetch(...given)) }
  return new ListeningTransport({ ...told, reading, eager: Boolean(resp2), line }, ear)
}

/** The same, with connections for subscriptions. */
class ListeningTransport extends HttpTransport {
  readonly #ear: Omit<Ear, keyof Parts>

  constructor(parts: Parts, ear: Omit<Ear, keyof Parts>) {
    super(parts)
    this.#ear = ear
  }

  override async connect(): Promise<Connection> {
    const line = this.parts.line()
    const exchange: Exchanger["exchange"] = (batch, signal) => this.exchange(line, batch, signal)
    return new ListeningConnection({ exchange, close: line.close }, { ...this.parts, ...this.#ear })
  }

  /** What trying again can't help, such as a bad certificate, is final. */
  override async exchange(line: Line, batch: Batch, signal: AbortSignal): Promise<void> {
    try {
      await super.exchange(line, batch, signal)
    } catch (cause) {
      if (!(cause instanceof ConnectionError) || cause.fate) throw cause
      const error = new ConnectionError(`the request failed: ${cause.message}`, { cause, fate: "unsent" })
      for (const job of batch) job.reject(error)
    }
  }
}
