import type { Writable } from "node:stream"
import { ConfigError } from "@warmpool/core"
import type { Answer } from "../exchange.ts"
import { writeEvents } from "../node/write-events.ts"

/** A handler that writes its response itself. */
export type StreamingHandler<E> = (event: E, stream: Writable, context: InvocationContext) => Promise<void>

/** What is needed of an invocation. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
}

/** What Lambda's runtime lends functions that stream. Source: AWS, "Response streaming for Lambda functions". */
interface LambdaStreaming {
  streamifyResponse<E>(handler: StreamingHandler<E>): StreamingHandler<E>
  readonly HttpResponseStream: {
    from(
      stream: Writable,
      prelude: { readonly statusCode: number; readonly headers: Answer["headers"] },
    ): Writable
  }
}

/** An event stream ends so long before its invocation would, ms: cut off, it would count as an error. */
const RESERVE_MS = 500

/** @throws ConfigError outside Lambda, which alone can stream a response. */
export function lambdaStreaming(): LambdaStreaming {
  const found: unknown = Reflect.get(globalThis, "awslambda")
  // AWS's SDK makes an object of that name everywhere.
  if (typeof found === "object" && found !== null && "streamifyResponse" in found)
    return found as LambdaStreaming
  throw new ConfigError(
    "streamingHandler: there is no awslambda here: it runs in Lambda's own Node runtime only",
  )
}

/** Writes an answer, its events as they come until either side ends it, or the invocation is nearly over. */
export async function writeStream(
  stream: Writable,
  { status, headers, body }: Answer,
  context: InvocationContext,
): Promise<void> {
  const response = lambdaStreaming().HttpResponseStream.from(stream, { statusCode: status, headers })
  if (typeof body === "string" || body instanceof Uint8Array) {
    response.end(body)
    return
  }
  const over = setTimeout(() => body.close(), Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS))
  await writeEvents(response, body)
  clearTimeout(over)
}
