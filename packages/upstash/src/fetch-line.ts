import { ConnectionError } from "@warmpool/core"
import { isResp, type Line } from "./line.ts"

/** What is used of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: "POST"
    readonly headers: Record<string, string>
    readonly body?: string
    readonly signal: AbortSignal
    readonly redirect: "manual"
  },
) => Promise<{
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}>

/** Codes that only an attempt to connect fails with, where the runtime tells: Node does, workerd does not. */
const UNSENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/

/** The way of `fetch`. */
export function fetchLine(url: string, fetch: Fetch): Line {
  return {
    async post(path, { headers, body }, signal) {
      try {
        const init = { method: "POST", headers: { ...headers }, body, signal, redirect: "manual" } as const
        const response = await fetch(url + path, init)
        const header = (name: string) => response.headers.get(name)
        const raw = isResp(header("content-type"))
        return {
          status: response.status,
          header,
          body: raw ? new Uint8Array(await response.arrayBuffer()) : await response.text(),
        }
      } catch (error) {
        throw unsent(error) ?? error
      }
    },
  }
}

function unsent(error: unknown): ConnectionError | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  return UNSENT.test(code) ? new ConnectionError(code, { cause: error, fate: "unsent" }) : undefined
}
