import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { report } from "./report.ts"
import { contextOf, type RequestContext, requestContexts } from "./request-context.ts"

/** Vercel's own default under Fluid compute. */
const DEFAULT_DURATION_S = 300

/** Answers one request. */
export type Answer = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  context: RequestContext,
) => Promise<void>

/**
 * Listens on loopback and tells the host where. Each request runs in its own context; one that fails is answered by
 * 500 and leaves the others alone.
 */
export function serve(answer: Answer, maxDurationS: number | undefined): void {
  const server = createServer((incoming, outgoing) => {
    const context = contextOf(incoming, outgoing, maxDurationS ?? DEFAULT_DURATION_S)
    void requestContexts.run(context, async () => {
      try {
        await answer(incoming, outgoing, context)
      } catch (error) {
        fail(outgoing, error)
      }
    })
  })
  // The host keeps its connections for as long as this process stands still.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.listen(0, "127.0.0.1", 1_024, () => {
    const { port } = server.address() as AddressInfo
    report({ type: "ready", port, ...(maxDurationS !== undefined && { maxDurationS }) })
  })
}

function fail(outgoing: ServerResponse, error: unknown): void {
  process.stderr.write(`${inspect(error)}\n`)
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(500, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Vercel-Error": "FUNCTION_INVOCATION_FAILED",
  })
  outgoing.end("A server error has occurred\n\nFUNCTION_INVOCATION_FAILED\n")
}
