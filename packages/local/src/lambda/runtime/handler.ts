import type { Context } from "./context.ts"
import type { ResponseStream } from "./response-stream.ts"

/** What `callback` takes, as in Node's own style. */
export type Callback = (error?: unknown, result?: unknown) => void

/** A handler in any of its three styles: async, callback, or streaming. */
export type Handler = (event: unknown, second: Context | ResponseStream, third: Callback | Context) => unknown

// The names are AWS's, so that libraries which look for them or copy them keep working.
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming")
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark")

/** `awslambda.streamifyResponse`: marks a handler that writes its response itself. */
export function streamifyResponse<T extends object>(
  handler: T,
  { highWaterMark }: { readonly highWaterMark?: number } = {},
): T {
  return Object.assign(handler, {
    [STREAMING]: "response",
    ...(highWaterMark !== undefined && { [HIGH_WATER_MARK]: highWaterMark }),
  })
}

export function isStreaming(handler: Handler): boolean {
  return Reflect.get(handler, STREAMING) === "response"
}

export function highWaterMarkOf(handler: Handler): number | undefined {
  const mark: unknown = Reflect.get(handler, HIGH_WATER_MARK)
  return typeof mark === "number" ? mark : undefined
}
