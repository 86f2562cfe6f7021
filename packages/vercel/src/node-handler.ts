import type { ServerResponse } from "node:http"
import { HoldingScope } from "@warmpool/core/scope"
import { platformRequest } from "./request-context.ts"
import { untilSent } from "./response-body.ts"
import { type Served, signalOf, type Wrapping } from "./with-redis.ts"

/** Handlers of Web requests, and of Node's pair. */
export const onNode: Pick<Wrapping<HoldingScope>, "begin" | "serve"> = {
  begin: (args, endsAt) => new HoldingScope(endsAt, whenNobodyWaits(args)),
  serve: async (handle, request) => {
    let answer: unknown
    try {
      answer = await handle()
    } catch (error) {
      await request.close()
      throw error
    }
    const [, response] = request.args
    return isResponse(response) ? finishPair(answer, response, request) : finishWeb(answer, request)
  },
}

/** The request is over when its response is closed, and the platform waits for that. */
async function finishPair(
  answer: unknown,
  response: ServerResponse,
  { scope, close }: Served<HoldingScope>,
): Promise<unknown> {
  const over = closed(response).then(close)
  platformRequest()?.waitUntil?.(over)
  await scope.settled()
  return answer
}

/** The answer leaves when all has settled; where a lease may be in use for its body, after that. */
async function finishWeb(answer: unknown, { scope, close }: Served<HoldingScope>): Promise<unknown> {
  if (scope.hasHeld && answer instanceof Response && answer.body) return untilSent(answer, close)
  await close()
  return answer
}

function isResponse(value: unknown): value is ServerResponse {
  if (typeof value !== "object" || value === null) return false
  return "writableFinished" in value && "once" in value && typeof value.once === "function"
}

function whenNobodyWaits(args: readonly unknown[]): AbortSignal | undefined {
  const [, response] = args
  return isResponse(response) ? whenLost(response) : signalOf(args)
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
