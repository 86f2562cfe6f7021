import type { RuntimeClient } from "./client.ts"
import type { Context } from "./context.ts"
import { describeError, RuntimeError } from "./function-error.ts"
import { type Handler, highWaterMarkOf, isStreaming } from "./handler.ts"
import { logError } from "./log.ts"
import { ResponseStream } from "./response-stream.ts"

/** Runs the handler for one event and posts what it gave. Rejects only when the Runtime API is gone. */
export async function invoke(
  client: RuntimeClient,
  handler: Handler,
  { event, context }: Invocation,
): Promise<void> {
  if (isStreaming(handler)) return stream(client, handler, { event, context })
  let body: string
  try {
    body = JSON.stringify(await answer(handler, { event, context })) ?? "null"
  } catch (thrown) {
    const error = describeError(thrown)
    logError("Invoke Error", error)
    return client.fail(context.awsRequestId, error)
  }
  await client.respond(context.awsRequestId, body)
}

/** One event and its context. */
export interface Invocation {
  readonly event: unknown
  readonly context: Context
}

function answer(handler: Handler, { event, context }: Invocation): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = onEmptyLoop(() => {
      if (!isThenable(returned)) return resolve(null)
      reject(
        new RuntimeError("NodeJsExit", "the event loop is empty and the handler's promise was never settled"),
      )
    })
    const callback = (error?: unknown, result?: unknown) => {
      const finish = () => (error === undefined || error === null ? resolve(result) : reject(error))
      if (error || !context.callbackWaitsForEmptyEventLoop) return settle(finish)
      settle(() => process.once("beforeExit", finish))
    }
    let returned: unknown
    try {
      returned = handler(event, context, callback)
    } catch (thrown) {
      return settle(() => reject(thrown))
    }
    if (!isThenable(returned)) return
    returned.then(
      (result) => settle(() => resolve(result)),
      (thrown) => settle(() => reject(thrown)),
    )
  })
}

/** Runs `empty` when nothing is left that could settle the invocation; the first settlement prevents it. */
function onEmptyLoop(empty: () => void): (finish: () => void) => void {
  let settled = false
  process.once("beforeExit", empty)
  return (finish) => {
    if (settled) return
    settled = true
    process.off("beforeExit", empty)
    finish()
  }
}

async function stream(
  client: RuntimeClient,
  handler: Handler,
  { event, context }: Invocation,
): Promise<void> {
  const { outgoing, done } = client.stream(context.awsRequestId)
  const response = new ResponseStream(outgoing, highWaterMarkOf(handler))
  // The handler may not listen; a failed write shows in `done`.
  response.on("error", () => {})
  try {
    const returned = handler(event, response, context)
    if (!isThenable(returned)) throw new Error("Streaming does not support non-async handlers.")
    await returned
  } catch (thrown) {
    const error = describeError(thrown)
    logError("Invoke Error", error)
    response.fail(error)
  }
  // The body may go on after the handler has returned, as when it was piped; Lambda waits for its end.
  await done
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}
