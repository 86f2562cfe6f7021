// The first file of an instance's process: loads the function, then serves it.
import type { IncomingMessage, ServerResponse } from "node:http"
import { handlerFor, type LoadedFunction, loadFunction } from "./load-function.ts"
import { REQUEST_CONTEXT, type RequestContext, requestContexts } from "./request-context.ts"
import { serve } from "./serve.ts"
import { sendResponse, toRequest } from "./web.ts"

const [file = "", maxDurationS = ""] = process.argv.slice(2)

Reflect.set(globalThis, REQUEST_CONTEXT, { get: () => requestContexts.getStore() })
// What it throws ends the process, and is what the host shows.
void loadFunction(file).then((loaded) => {
  serve(
    (incoming, outgoing, context) => answer(loaded, { incoming, outgoing, context }),
    maxDurationS === "" ? loaded.maxDurationS : Number(maxDurationS),
  )
})

interface Asked {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly context: RequestContext
}

async function answer({ web, node }: LoadedFunction, { incoming, outgoing, context }: Asked): Promise<void> {
  if (node) {
    await node(incoming, outgoing)
    return
  }
  const handler = handlerFor(web, incoming.method ?? "GET")
  if (!handler) {
    outgoing.writeHead(405).end()
    return
  }
  const response = await handler(toRequest(incoming, outgoing), { waitUntil: context.waitUntil })
  if (!(response instanceof Response)) throw new TypeError("the handler returned no Response")
  await sendResponse(response, outgoing)
}
