import { once } from "node:events"
import type { Writable } from "node:stream"
import { ConfigError } from "@warmpool/core"
import type { Answer } from "../exchange.ts"

/** What Lambda's runtime lends functions that stream. Source: AWS, "Configuring a Lambda function to stream responses". */
interface LambdaStreaming {
  streamifyResponse<E>(handler: (event: E, stream: Writable) => Promise<void>): unknown
  readonly HttpResponseStream: {
    from(
      stream: Writable,
      prelude: { readonly statusCode: number; readonly headers: Answer["headers"] },
    ): Writable
  }
}

/** @throws ConfigError outside Lambda, which alone can stream a response. */
export function lambdaStreaming(): LambdaStreaming {
  const found: unknown = Reflect.get(globalThis, "awslambda")
  if (typeof found !== "object" || found === null)
    throw new ConfigError(
      "streamingHandler: there is no awslambda here: it runs in Lambda's own Node runtime only",
    )
  return found as LambdaStreaming
}

/** Writes an answer, its events as they come until either side ends it. */
export async function writeStream(stream: Writable, { status, headers, body }: Answer): Promise<void> {
  const response = lambdaStreaming().HttpResponseStream.from(stream, { statusCode: status, headers })
  if (typeof body === "string" || body instanceof Uint8Array) {
    response.end(body)
    return
  }
  response.on("close", () => body.close())
  response.on("error", () => body.close())
  for await (const events of body) {
    if (response.destroyed) break
    if (!response.write(events))
      await Promise.race([once(response, "drain"), once(response, "close")]).catch(ended)
  }
  response.end()
}

function ended(): void {}
