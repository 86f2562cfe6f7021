import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"

/** A request as the Web has it; its signal aborts when the client leaves before the response is done. */
export function toRequest(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const left = new AbortController()
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) left.abort(new DOMException("The client left.", "AbortError"))
  })
  const bodiless = incoming.method === "GET" || incoming.method === "HEAD"
  return new Request(urlOf(incoming), {
    method: incoming.method ?? "GET",
    headers: headersOf(incoming),
    signal: left.signal,
    // A request whose body is a stream must say so.
    ...(!bodiless && { body: Readable.toWeb(incoming), duplex: "half" }),
  } as RequestInit)
}

/** Where the client sent it. */
export function urlOf(incoming: IncomingMessage): string {
  const scheme = incoming.headers["x-forwarded-proto"] ?? "http"
  return new URL(incoming.url ?? "/", `${scheme}://${incoming.headers.host ?? "localhost"}`).href
}

/** Name and value by turns; a name that came twice is there twice. */
export function headersOf(incoming: IncomingMessage): [string, string][] {
  const { rawHeaders } = incoming
  return rawHeaders
    .flatMap((name, index): [string, string][] => (index % 2 ? [] : [[name, rawHeaders[index + 1] ?? ""]]))
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
}

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding"])

/** Sends a response as its body comes; a client that leaves cancels the body. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const headers = [...response.headers].filter(([name]) => name !== "set-cookie")
  for (const [name, value] of headers) outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies)
  outgoing.writeHead(response.status, response.statusText || undefined)
  if (!response.body || outgoing.req.method === "HEAD") {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  await pipeline(chunksOf(response.body as ReadableStream<Uint8Array>), outgoing).catch((error) => {
    // Its client left: nobody is to be told.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error
  })
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
