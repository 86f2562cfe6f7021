import { type IncomingMessage, request, type ServerResponse } from "node:http"
import { setTimeout as wait } from "node:timers/promises"
import type { Instance } from "./instance.ts"
import { ID_HEADER } from "./report.ts"

/** How long the end of a process may take to be known after its connection broke, ms. */
const END_KNOWN_MS = 1_000

/** One request of a client, and where its response goes. */
export interface Exchange {
  readonly id: string
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** An error as Vercel answers it. */
interface Refusal {
  readonly status: number
  readonly code: "FUNCTION_INVOCATION_FAILED" | "FUNCTION_INVOCATION_TIMEOUT"
  readonly why?: string
}

/**
 * Hands a request to the instance and its response back, streamed. Answers 504 when that takes longer than the
 * function's duration, 500 when the instance ended. A client that leaves takes its request along.
 */
export function relay(instance: Instance, { id, incoming, outgoing }: Exchange): void {
  instance.begin(id)
  const { agent, port } = instance
  const { method, url: path } = incoming
  // Our server has answered an Expect already.
  const { expect: _, ...given } = incoming.headers
  const headers = { ...given, [ID_HEADER]: id }
  const upstream = request({ host: "127.0.0.1", port, agent, method, path, headers })
  const late = setTimeout(() => {
    refuse(outgoing, { status: 504, code: "FUNCTION_INVOCATION_TIMEOUT" })
    upstream.destroy()
  }, instance.maxDurationMs)
  outgoing.once("close", () => {
    clearTimeout(late)
    upstream.destroy()
  })
  upstream.once("response", (answer) => {
    try {
      outgoing.writeHead(answer.statusCode ?? 500, answer.statusMessage, answer.rawHeaders)
    } catch (error) {
      // What our parser lets through, our server may not send.
      outgoing.statusMessage = ""
      refuse(outgoing, { status: 500, code: "FUNCTION_INVOCATION_FAILED", why: String(error) })
      upstream.destroy()
      return
    }
    outgoing.flushHeaders()
    answer.once("error", () => outgoing.destroy()).pipe(outgoing)
  })
  upstream.once("error", () => {
    // One that has left is heard of again: the process says when it is done with it.
    if (!upstream.headersSent || !upstream.socket || upstream.socket.connecting) instance.abandon(id)
    void explain(instance, outgoing)
  })
  incoming.pipe(upstream)
}

/** Ends a response by an error in Vercel's form; one that has begun is cut. */
export function refuse(outgoing: ServerResponse, { status, code, why }: Refusal): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "X-Vercel-Error": code })
  outgoing.end(why === undefined ? `${code}\n` : `${code}: ${why}\n`)
}

async function explain(instance: Instance, outgoing: ServerResponse): Promise<void> {
  if (outgoing.writableEnded || outgoing.destroyed) return
  const unknown = wait(END_KNOWN_MS, "closed the connection", { ref: false })
  const problem = await Promise.race([instance.ended, unknown])
  refuse(outgoing, { status: 500, code: "FUNCTION_INVOCATION_FAILED", why: `the instance ${problem}` })
}
