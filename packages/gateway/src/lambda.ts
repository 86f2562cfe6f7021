import { Gateway } from "./gateway.ts"
import {
  type FunctionUrlEvent,
  FunctionUrlExchange,
  type FunctionUrlResult,
  toResult,
} from "./lambda/function-url.ts"
import { lambdaStreaming, type StreamingHandler, writeStream } from "./lambda/response-stream.ts"
import { nodeCodec } from "./node/codec.ts"
import { type GatewayOptions, readSettings } from "./options.ts"

export type { FunctionUrlEvent, FunctionUrlResult } from "./lambda/function-url.ts"
export type { InvocationContext, StreamingHandler } from "./lambda/response-stream.ts"

/**
 * Makes the handler of a Function URL, its answers whole. `withRedis(redis, handler)` keeps it inside the invocation.
 *
 * @throws ConfigError naming an option that is wrong.
 */
export function gatewayHandler(
  options: GatewayOptions,
): (event: FunctionUrlEvent) => Promise<FunctionUrlResult> {
  const gateway = new Gateway(readSettings("gatewayHandler", options), nodeCodec)
  return async (event) => toResult(await gateway.answer(new FunctionUrlExchange(event)))
}

/**
 * The same for a Function URL with `InvokeMode: RESPONSE_STREAM`, which carries event streams too.
 *
 * @throws ConfigError naming an option that is wrong, and outside Lambda.
 */
export function streamingHandler(options: GatewayOptions): StreamingHandler<FunctionUrlEvent> {
  const gateway = new Gateway(readSettings("streamingHandler", options), nodeCodec)
  return lambdaStreaming().streamifyResponse(async (event, stream, context) =>
    writeStream(stream, await gateway.answer(new FunctionUrlExchange(event)), context),
  )
}
