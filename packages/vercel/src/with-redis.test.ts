import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createRedis, type Redis, withRedis } from "./node.ts"
import { isSettled, Platform } from "./platform.fixture.ts"

let server: RedisServer
let proxy: FaultProxy
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
  redis = createRedis({ url: proxy.url(), max: 50 })
  await redis.ping()
})

afterAll(async () => {
  await redis.close()
  await proxy.close()
  await server.close()
})

beforeEach(async () => {
  await server.command("FLUSHALL")
})

/** Makes replies late while `work` runs, so that nothing has settled by chance. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  proxy.delay({ replies: 40 })
  try {
    return await work()
  } finally {
    proxy.delay(0)
  }
}

const get = (signal?: AbortSignal) => new Request("http://local/", signal ? { signal } : {})

describe("a Web handler", () => {
  it("is given what it was called with, and answers with what it gives", async () => {
    const params = { id: "1" }
    const handler = withRedis(redis, async (incoming: Request, context: typeof params) =>
      Response.json({ method: incoming.method, id: context.id, visits: await redis.incr("visits") }),
    )

    const response = await handler(get(), params)

    expect(await response.json()).toEqual({ method: "GET", id: "1", visits: 1 })
  })

  it("fails with the very error that it threw or rejected with", async () => {
    const error = new RangeError("mine")

    await expect(withRedis(redis, () => Promise.reject(error))()).rejects.toBe(error)
    await expect(
      withRedis(redis, () => {
        throw error
      })(),
    ).rejects.toBe(error)
  })

  it("may be the fetch of an object, whose other properties stay", async () => {
    const worker = withRedis(redis, {
      greeting: "hello",
      async fetch(_request: Request): Promise<Response> {
        return new Response(`${this.greeting} ${await redis.incr("n")}`)
      },
    })

    expect(await (await worker.fetch(get())).text()).toBe("hello 1")
    expect(worker.greeting).toBe("hello")
  })

  it("answers once commands that nobody awaits have settled, those that follow on a reply too", async () => {
    const outcomes: unknown[] = []
    const handler = withRedis(redis, async () => {
      void redis.incr("n").then(async () => outcomes.push(await redis.incr("n")))
      void redis.call("NOPE").catch((error) => outcomes.push(error.message))
      return new Response("answer")
    })

    const response = await slowly(() => handler())

    expect(await response.text()).toBe("answer")
    expect(outcomes).toEqual(["ERR unknown command 'NOPE'", 2])
  })

  it("gives its commands up when the request is aborted", async () => {
    const controller = new AbortController()
    const reason = new Error("the visitor left")
    const handler = withRedis(redis, async (_request: Request) => redis.blpop("never", 10))

    const answer = handler(get(controller.signal))
    await redis.ping()
    controller.abort(reason)

    await expect(answer).rejects.toBe(reason)
  })
})

describe("the deadline", () => {
  it("is maxDuration, less what is kept for the answer", async () => {
    const handler = withRedis(redis, async () => redis.blpop("never", 10), { maxDuration: 0.3 })

    const startedAt = Date.now()
    await expect(handler()).rejects.toMatchObject({ name: "OutcomeUnknownError" })

    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(90)
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  it("is the platform's, with or without a wrapper", async () => {
    using platform = new Platform()
    const deadline = new Date(Date.now() + 150).toISOString()
    const work = () => redis.incr("n")

    const bare = platform.request(work, { deadline }).answer
    const wrapped = platform.request(withRedis(redis, work), { deadline }).answer

    await expect(bare).rejects.toThrow("no more than reserveMs left")
    await expect(wrapped).rejects.toThrow("no more than reserveMs left")
    expect(await server.command("GET", "n")).toBe(null)
  })

  it("of one request is not another's", async () => {
    const brief = withRedis(redis, async () => redis.blpop("never", 10), { maxDuration: 0.25 })
    const long = withRedis(redis, async () => redis.blpop("list", 10), { maxDuration: 30 })

    const patient = long()
    await expect(brief()).rejects.toThrow()
    await server.command("RPUSH", "list", "item")

    expect(await patient).toEqual(["list", "item"])
  })
})

describe("leases and subscriptions", () => {
  it("that a handler does not give back are taken back", async () => {
    const handler = withRedis(redis, async () => {
      await redis.acquire()
      return "answer"
    })

    expect(await handler()).toBe("answer")
    await expect.poll(() => redis.stats().leased).toBe(0)
  })

  it("last as long as the body that they are for", async () => {
    const handler = withRedis(redis, async (_request: Request) => {
      const messages = redis.subscribe("news")
      await messages.ready
      const source = messages[Symbol.asyncIterator]()
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { value, done } = await source.next()
          if (done) controller.close()
          else controller.enqueue(new TextEncoder().encode(value.message))
        },
      })
      return new Response(body)
    })

    const response = await handler(get())
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await server.command("PUBLISH", "news", "first")
    const { value } = await reader.read()
    const during = redis.stats().leased
    await reader.cancel()

    expect(new TextDecoder().decode(value)).toBe("first")
    expect(during).toBe(1)
    await expect.poll(() => redis.stats().leased).toBe(0)
  })
})

describe("two wrappers", () => {
  it("answers by a promise within another's request, too", async () => {
    const error = new RangeError("mine")
    const fails = withRedis(redis, () => {
      throw error
    })
    const outer = withRedis(redis, () => fails().catch((reason: unknown) => reason))

    expect(await outer()).toBe(error)
  })

  it("make one request of it, which settles for both clients", async () => {
    await using other = createRedis({ url: proxy.url(), name: "other" })
    const handler = withRedis(
      redis,
      withRedis(other, async () => {
        void redis.incr("nested")
        void other.incr("nested")
        return "answer"
      }),
    )

    expect(await slowly(() => handler())).toBe("answer")
    expect(await server.command("GET", "nested")).toBe("2")
  })
})

describe("a Node handler", () => {
  const servers: Server[] = []

  afterEach(() => {
    for (const one of servers.splice(0)) one.close()
  })

  async function serve(handler: Parameters<typeof createServer>[1]): Promise<number> {
    const listening = createServer(handler)
    servers.push(listening)
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
    return (listening.address() as AddressInfo).port
  }

  it("answers by its response, and is over when that is sent and all has settled", async () => {
    using platform = new Platform()
    const waits: Promise<unknown>[] = []
    const handler = withRedis(redis, async (_request: IncomingMessage, response: ServerResponse) => {
      void redis.incr("n")
      response.end(`visits ${await redis.incr("n")}`)
    })
    const port = await serve((incoming, outgoing) => {
      const run = platform.request(() => handler(incoming, outgoing))
      waits.push(...run.waits, run.answer)
    })

    const answer = await fetch(`http://127.0.0.1:${port}`)

    expect(await answer.text()).toBe("visits 2")
    await Promise.all(waits)
    expect(waits.length).toBeGreaterThanOrEqual(2)
    await expect.poll(() => redis.stats().shared).toBe(0)
  })

  it("gives its commands up when the visitor leaves", async () => {
    let failed: Promise<unknown> | undefined
    const port = await serve(
      withRedis(redis, async (_request: IncomingMessage, response: ServerResponse) => {
        const popped = redis.blpop("never", 10)
        failed = popped.catch((error: Error) => error)
        response.write("waiting")
        await popped.catch(() => undefined)
      }),
    )

    const outgoing = request({ port, host: "127.0.0.1" }).end()
    await new Promise((resolve) => outgoing.once("response", (incoming) => incoming.once("data", resolve)))
    outgoing.destroy()

    await expect.poll(() => failed && isSettled(failed)).toBe(true)
    expect(await failed).toMatchObject({ name: "AbortError" })
  })

  it("keeps its leases until the response is sent", async () => {
    const port = await serve(
      withRedis(redis, async (_request: IncomingMessage, response: ServerResponse) => {
        const lease = await redis.acquire()
        setTimeout(async () => response.end(await lease.echo("late")), 30)
      }),
    )

    const incoming = await new Promise<NodeJS.ReadableStream>((resolve) =>
      request({ port, host: "127.0.0.1" }, resolve).end(),
    )

    expect(await text(incoming)).toBe("late")
    await expect.poll(() => redis.stats().leased).toBe(0)
  })
})

describe("what can't be wrapped", () => {
  it.each([undefined, null, 7, {}, { fetch: 1 }])("is named: %j for a handler", (handler) => {
    expect(() => withRedis(redis, handler as never)).toThrow("the second argument is the handler")
  })

  it.each([undefined, null, "redis://host", {}])("is named: %j for a client", (client) => {
    expect(() => withRedis(client as never, async () => 1)).toThrow("the first argument is the client")
  })

  it.each([{ maxDuration: 0 }, { maxDuration: "60" }, { timeout: 1 }])(
    "nor with options such as %j",
    (options) => {
      expect(() => withRedis(redis, async () => 1, options as never)).toThrow(/withRedis: .*maxDuration/)
    },
  )
})
