import type { Answer } from "./exchange.ts"

/** On every answer: who it is, and that `Upstash-Response-Format: resp2` is understood. */
export const HERE = { "warmpool-gateway": "resp2", "cache-control": "no-store" } as const

const JSON_HEADERS = { ...HERE, "content-type": "application/json" } as const
const RESP_HEADERS = { ...HERE, "content-type": "application/octet-stream" } as const

type Headers = Readonly<Record<string, string>>

/** An answer in JSON. */
export function jsonAnswer(status: number, body: string, headers?: Headers): Answer {
  return { status, headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS, body }
}

/** An answer in RESP2. */
export function respAnswer(status: number, body: Uint8Array, headers?: Headers): Answer {
  return { status, headers: headers ? { ...RESP_HEADERS, ...headers } : RESP_HEADERS, body }
}

/** An error as Upstash answers it. */
export function errorAnswer(status: number, message: string, headers?: Headers): Answer {
  return jsonAnswer(status, `{"error":${JSON.stringify(message)}}`, headers)
}

/** Says that nothing of the request was run, and that it may be sent again. */
export const NOT_RUN: Headers = { "retry-after": "1", "warmpool-not-run": "1" }

/** A request that was turned away as a whole, for now. */
export function notRunAnswer(message: string): Answer {
  return errorAnswer(503, message, NOT_RUN)
}
