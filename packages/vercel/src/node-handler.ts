import type { ServerResponse } from "node:http"
import { platformRequest } from "./request-context.ts"
import { type Style, webStyle } from "./with-redis.ts"

/** Handlers of Node's pair: the request is over when its response is closed, and the platform waits for that. */
const nodeStyle: Style = {
  signalOf: ([, response]) => (isResponse(response) ? whenLost(response) : undefined),
  finish: async (answer, [, response], { scope, close }) => {
    const over = isResponse(response) ? closed(response).then(close) : close()
    platformRequest()?.waitUntil?.(over)
    await scope.settled()
    return answer
  },
}

/** The style that the arguments show. */
export function styleOf(args: readonly unknown[]): Style {
  return isResponse(args[1]) ? nodeStyle : webStyle
}

function isResponse(value: unknown): value is ServerResponse {
  if (typeof value !== "object" || value === null) return false
  return "writableFinished" in value && "once" in value && typeof value.once === "function"
}

/** Aborts when the response is closed before all of it was sent. */
function whenLost(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  void closed(response).then(() => {
    if (response.writableFinished) return
    controller.abort(new DOMException("nobody waits for the response any more", "AbortError"))
  })
  return controller.signal
}

function closed(response: ServerResponse): Promise<void> {
  if (response.closed) return Promise.resolve()
  return new Promise((resolve) => response.once("close", resolve))
}
