import type { Writable } from "node:stream"
import { describe, expectTypeOf, it } from "vitest"
import { createRedis, withRedis } from "./index.ts"

// The shapes of @types/aws-lambda, which a published package can't depend on.
interface Context {
  callbackWaitsForEmptyEventLoop: boolean
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}
type Callback<R> = (error?: Error | string | null, result?: R) => void
// biome-ignore lint/suspicious/noConfusingVoidType: as in @types/aws-lambda
type Handler<E, R> = (event: E, context: Context, callback: Callback<R>) => void | Promise<R>
interface HttpResponseStream extends Writable {
  setContentType: (contentType: string) => void
}
type StreamifyHandler<E> = (event: E, stream: HttpResponseStream, context: Context) => void | Promise<void>

interface Sqs {
  readonly Records: readonly { readonly body: string }[]
}

const redis = createRedis({ url: "redis://127.0.0.1:1", prewarm: false })

describe("the types of withRedis", () => {
  it("fit AWS's handlers, which type the parameters", () => {
    expectTypeOf(
      withRedis(redis, async (event: Sqs, context: Context) => [event.Records.length, context.awsRequestId]),
    ).toExtend<Handler<Sqs, (string | number)[]>>()

    const typed: Handler<Sqs, string> = withRedis(redis, async (event) => event.Records[0]?.body ?? "")
    const silent: Handler<Sqs, void> = withRedis(redis, async (event) => {
      for (const { body } of event.Records) await redis.set("body", body)
    })
    expectTypeOf(withRedis(redis, typed)).returns.toEqualTypeOf<Promise<string>>()
    expectTypeOf(withRedis(redis, silent)).returns.toEqualTypeOf<Promise<void>>()
  })

  it("make a promise of a callback handler", () => {
    const called = withRedis(redis, (event: Sqs, _context: Context, callback: Callback<string>) => {
      callback(null, event.Records[0]?.body)
    })
    const typed: Handler<Sqs, string> = withRedis(redis, (event, _context, callback) => {
      callback(null, event.Records[0]?.body)
    })

    expectTypeOf(called).toEqualTypeOf<(event: Sqs, context: Context) => Promise<string>>()
    expectTypeOf(withRedis(redis, typed)).returns.toEqualTypeOf<Promise<string>>()
  })

  it("keep a streaming handler one, inside and outside", () => {
    const inside: StreamifyHandler<Sqs> = async (event, stream) => {
      stream.end(String(event.Records.length))
    }
    const outside = withRedis(redis, async (event: Sqs, stream: HttpResponseStream) => {
      stream.end(String(event.Records.length))
    })

    expectTypeOf(withRedis(redis, inside)).toExtend<StreamifyHandler<Sqs>>()
    expectTypeOf(outside).toExtend<StreamifyHandler<Sqs>>()
  })

  it("give a plain function's result as a promise", () => {
    expectTypeOf(withRedis(redis, () => 5)).returns.toEqualTypeOf<Promise<number>>()
    expectTypeOf(
      withRedis(redis, async () => ({ visits: await redis.incr("visits") })),
    ).returns.toEqualTypeOf<Promise<{ visits: number }>>()
  })

  it("refuse what is no client and no handler", () => {
    type First = Parameters<typeof withRedis>[0]
    expectTypeOf<{ get(): void }>().not.toExtend<First>()
    // @ts-expect-error a number is no handler
    const wrong = () => withRedis(redis, 7)
    expectTypeOf(wrong).toBeFunction()
  })
})
