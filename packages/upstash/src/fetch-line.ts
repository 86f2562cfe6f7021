import { isResp, type Line } from "./line.ts"

/** What is used of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: "POST"
    readonly headers: Record<string, string>
    readonly body: string
    readonly signal: AbortSignal
    readonly redirect: "manual"
  },
) => Promise<{
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
  /** A stream of bytes; used of event streams alone. */
  readonly body?: object | null
}>

/** The way of `fetch`. */
export function fetchLine(url: string, fetch: Fetch): Line {
  return {
    async post(path, message, signal) {
      const response = await fetch(url + path, { method: "POST", redirect: "manual", signal, ...message })
      const { status, headers } = response
      const body = isResp(headers.get("content-type"))
        ? new Uint8Array(await response.arrayBuffer())
        : await response.text()
      return { status, header: (name) => headers.get(name), body }
    },
  }
}
