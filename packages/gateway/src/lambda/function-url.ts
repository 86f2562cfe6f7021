import { Buffer } from "node:buffer"
import type { Answer, Exchange } from "../exchange.ts"
import type { Room } from "../room.ts"

/** What a Function URL, or an HTTP API of API Gateway (payload format 2.0), hands over. */
export interface FunctionUrlEvent {
  readonly rawPath: string
  readonly rawQueryString: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: string | undefined
  readonly isBase64Encoded: boolean
  readonly requestContext: { readonly http: { readonly method: string } }
}

/** What it takes back. */
export interface FunctionUrlResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** What stands in a path only if it was decoded: API Gateway does, Function URLs do not. */
const DECODED = /[^\0-\x7f]+|\?/g

/** A Function URL's event as the protocol takes it. */
export class FunctionUrlExchange implements Exchange {
  readonly method: string
  readonly target: string
  readonly #event: FunctionUrlEvent

  constructor(event: FunctionUrlEvent) {
    this.method = event.requestContext.http.method
    const path = event.rawPath.toWellFormed().replace(DECODED, encodeURIComponent)
    this.target = event.rawQueryString === "" ? path : `${path}?${event.rawQueryString}`
    this.#event = event
  }

  header(name: string): string | undefined {
    return this.#event.headers[name]
  }

  async body(room: Room): Promise<Uint8Array> {
    const { body = "", isBase64Encoded } = this.#event
    const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8")
    room.take(bytes.length)
    return bytes
  }

  /** Lambda tells nobody. */
  gone(): undefined {}
}

/** An answer that is whole. Event streams need the streaming handler. */
export function toResult({ status, headers, body }: Answer): FunctionUrlResult {
  if (typeof body === "string") return { statusCode: status, headers, body, isBase64Encoded: false }
  if (body instanceof Uint8Array) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64")
    return { statusCode: status, headers, body: text, isBase64Encoded: true }
  }
  body.close()
  const error =
    '{"error":"ERR Command is not available: event streams need a function that streams its response"}'
  return {
    statusCode: 400,
    headers: { ...headers, "content-type": "application/json" },
    body: error,
    isBase64Encoded: false,
  }
}
