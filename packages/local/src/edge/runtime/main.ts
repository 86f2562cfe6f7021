// The first file of an Edge function's process: loads its bundle into the runtime, then serves it.
import type { IncomingMessage, ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { handlerFor } from "../../fluid/runtime/load-function.ts"
import type { RequestContext } from "../../fluid/runtime/request-context.ts"
import { serve } from "../../fluid/runtime/serve.ts"
import { headersOf, sendResponse, urlOf } from "../../fluid/runtime/web.ts"
import { type EdgeFunction, loadEdge } from "./load-edge.ts"

const [file = "", maxDurationS = "", environment = "bare"] = process.argv.slice(2)

// The rest of the environment is the platform's and the user's.
const { PATH: _, LANG: _lang, TZ: _tz, NODE_ENV: _mode, ...env } = process.env
const loaded = loadEdge(file, environment === "env" ? env : undefined)
serve(
  (incoming, outgoing, context) => answer(loaded, { incoming, outgoing, context }),
  maxDurationS === "" ? undefined : Number(maxDurationS),
)

interface Asked {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly context: RequestContext
}

async function answer(edge: EdgeFunction, { incoming, outgoing, context }: Asked): Promise<void> {
  const handler = handlerFor(edge.web, incoming.method ?? "GET")
  if (!handler) {
    outgoing.writeHead(405).end()
    return
  }
  const request = await requestIn(edge, incoming, outgoing)
  const response = await handler(request, { waitUntil: context.waitUntil })
  if (!(response instanceof edge.realm.Response)) throw new TypeError("the handler returned no Response")
  await sendResponse(response, outgoing)
}

/** The request as the runtime inside has it; its signal aborts when the client leaves. */
async function requestIn(
  { realm }: EdgeFunction,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Request> {
  const left = new realm.AbortController()
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) left.abort(new realm.DOMException("The client left.", "AbortError"))
  })
  const body = await buffer(incoming)
  return new realm.Request(urlOf(incoming), {
    method: incoming.method ?? "GET",
    headers: headersOf(incoming),
    signal: left.signal,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  })
}
