import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import {
  type FaultProxy,
  type LocalLambda,
  type RedisServer,
  startFaultProxy,
  startLambda,
  startRedis,
} from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { encodePing, readPing, readPong } from "./warmer/ping.ts"
import { createWarmer } from "./warmer.ts"

const FUNCTION = new URL("./warmed-function.fixture.ts", import.meta.url).pathname
/** Long enough for three processes to start on a machine that has much to do. */
const HOLD_MS = 2_500

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())
beforeEach(() => server.command("FLUSHALL"))

interface Rig extends AsyncDisposable {
  readonly lambda: LocalLambda
  readonly proxy: FaultProxy
  invokeAll(count: number): Promise<Record<string, unknown>[]>
}

/** A handler of the fixture on a local Lambda, which the environment leads the warmer to. */
async function deploy(handler: string, concurrency = 3, commandTimeoutMs = 10_000): Promise<Rig> {
  const proxy = await startFaultProxy({ target: server })
  const env = { REDIS_URL: proxy.url(), COMMAND_TIMEOUT_MS: String(commandTimeoutMs) }
  const lambda = await startLambda({
    handler: FUNCTION.replace(/\.ts$/, `.${handler}`),
    concurrency,
    env,
    timeoutMs: 15_000,
  })
  reach(lambda.endpoint)
  const { endpoint, region, credentials, functionName } = lambda
  const client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 })
  const invoke = async () => {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: functionName }))
    return JSON.parse(Payload?.transformToString() ?? "") as Record<string, unknown>
  }
  return {
    lambda,
    proxy,
    invokeAll: (count) => Promise.all(Array.from({ length: count }, invoke)),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await lambda.close()
      await proxy.close()
    },
  }
}

function reach(endpoint: string): void {
  vi.stubEnv("AWS_ENDPOINT_URL_LAMBDA", endpoint)
  vi.stubEnv("AWS_REGION", "us-east-1")
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local")
}

describe("a warmed round", () => {
  it("leaves so many sandboxes that as many invocations at once meet no cold start and open no connection", async () => {
    await using rig = await deploy("handler")
    vi.stubEnv("WARM_FUNCTION_NAME", "local")
    vi.stubEnv("WARM_SANDBOXES", "3")

    const round = await createWarmer({ holdMs: HOLD_MS })()
    const warmed = { stats: rig.lambda.stats(), connections: rig.proxy.counts.connections }
    const answers = await rig.invokeAll(3)

    expect(round).toEqual({ asked: 3, sandboxes: 3 })
    expect(warmed).toMatchObject({ stats: { coldStarts: 3, errors: 0 }, connections: 3 })
    expect(answers.map(({ visits }) => visits).sort()).toEqual([1, 2, 3])
    expect(rig.lambda.stats()).toMatchObject({ coldStarts: 3, invocations: 6 })
    expect(rig.proxy.counts.connections).toBe(3)
  })

  it("replaces connections that died in a freeze, so that no invocation has to", async () => {
    await using rig = await deploy("handler", 1)
    const warm = createWarmer({ functionName: "local", holdMs: 1 })
    await warm()

    await rig.proxy.cut()
    await warm()
    const opened = rig.proxy.counts.connections
    const [answer] = await rig.invokeAll(1)

    expect([opened, rig.proxy.counts.connections]).toEqual([2, 2])
    expect(answer).toMatchObject({ visits: 1 })
  })

  it("validates the client of every wrapper around the handler", async () => {
    await using rig = await deploy("twice", 1)
    const warm = createWarmer({ functionName: "local", holdMs: 1 })
    await warm()

    await rig.proxy.cut()
    await warm()

    expect(rig.proxy.counts).toMatchObject({ connections: 4, open: 2 })
    expect(await server.command("EXISTS", "visits")).toBe(0)
  })

  it("reaches functions that stream their answer", async () => {
    await using rig = await deploy("streaming", 1)

    expect(await createWarmer({ functionName: "local", holdMs: 1 })()).toEqual({ asked: 1, sandboxes: 1 })
    expect(await rig.invokeAll(1)).toMatchObject([{ visits: 1 }])
  })

  it("says so when pings shared a sandbox", async () => {
    await using server = await answering((_body, count) => pong(count > 1 ? "second" : "first"))
    reach(server.url)
    const warn = vi.spyOn(console, "warn").mockReturnValue()

    const round = await createWarmer({ functionName: "local", sandboxes: 3 })()

    expect([round, server.requests]).toEqual([{ asked: 3, sandboxes: 2 }, 3])
    expect(warn.mock.calls).toEqual([["2 of 3 sandboxes answered: raise holdMs"]])
  })
})

describe("a round that fails says what to change", () => {
  it("when the function is throttled, and leaves it at one attempt each", async () => {
    await using rig = await deploy("handler", 1)

    const failed = await failure(createWarmer({ functionName: "local", sandboxes: 3, holdMs: HOLD_MS }))

    expect(failed).toMatchObject({ code: "ERR_WARMER", cause: { name: "TooManyRequestsException" } })
    expect(failed.message).toMatch(
      /^local was throttled: raise its reserved concurrency.*; 2 of 3 pings failed$/,
    )
    expect(rig.lambda.stats()).toMatchObject({ throttled: 2, invocations: 1 })
  })

  it("when there is no such function", async () => {
    await using rig = await deploy("handler", 1)

    const failed = await failure(createWarmer({ functionName: "nowhere" }))

    expect(failed.message).toMatch(/^nowhere does not exist in this region and account: correct functionName/)
    expect(rig.lambda.stats()).toMatchObject({ invocations: 0 })
  })

  it.each([
    [403, "AccessDeniedException", "may not be invoked: allow lambda:InvokeFunction on its ARN"],
    [500, "ServiceException", "could not be reached (ServiceException)"],
    [429, "TooManyRequestsException", "was throttled"],
  ])("when Lambda answers %i %s, once for each ping", async (status, name, words) => {
    await using server = await answering(() => ({
      status,
      headers: { "x-amzn-ErrorType": name, "Retry-After": "0" },
      body: { Message: "planted-detail" },
    }))
    reach(server.url)

    const failed = await failure(createWarmer({ functionName: "local", sandboxes: 4 }))

    expect(failed.message).toContain(`local ${words}`)
    expect(failed.message).not.toContain("planted")
    expect([failed.name, server.requests]).toEqual(["WarmerError", 4])
  })

  it.each([
    ["unwrapped", "local took 1 of 1 pings for events: wrap its handler in withRedis of this version"],
    ["throwing", "local failed on 1 of 1 pings (RangeError): see its log, and wrap its handler in withRedis"],
  ])("when the handler is %s", async (handler, message) => {
    await using _rig = await deploy(handler, 1)

    const failed = await failure(createWarmer({ functionName: "local", holdMs: 1 }))

    expect(failed.message).toBe(message)
  })

  it("when the sandboxes find no way to their server", async () => {
    await using rig = await deploy("handler", 1, 500)
    rig.proxy.refuse()

    const failed = await failure(createWarmer({ functionName: "local", holdMs: 1 }))

    expect(failed.message).toMatch(/^local is warm, and 1 of 1 pings found no way to its server \(ERR_/)
    expect(rig.lambda.stats()).toMatchObject({ errors: 0 })
  })

  it("when Lambda is silent until the warmer's own time is over", async () => {
    await using server = await answering(() => undefined)
    reach(server.url)
    const context = { getRemainingTimeInMillis: () => 700 }

    await expect(createWarmer({ functionName: "local" })({}, context)).rejects.toThrow(
      "local could not be reached (AbortError)",
    )
  })
})

describe("createWarmer", () => {
  it.each([
    [{}, "there is no function to keep warm: set the variable WARM_FUNCTION_NAME, or pass functionName"],
    [{ functionName: "f", sandboxs: 2 }, "unknown option sandboxs: did you mean sandboxes?"],
    [{ functionName: "f", sandboxes: 0 }, "sandboxes takes a whole number from 1 to 1000"],
    [{ functionName: "f", holdMs: 0.5 }, "holdMs takes a whole number from 1 to 60000"],
    [{ functionName: 7 }, "functionName takes a string that is not empty"],
  ])("refuses %j", (options, message) => {
    expect(() => createWarmer(options as object)).toThrow(`createWarmer: ${message}`)
  })

  it.each(["", "0", "many", "1.5"])("refuses %j in the variable WARM_SANDBOXES", (value) => {
    vi.stubEnv("WARM_SANDBOXES", value)

    expect(() => createWarmer({ functionName: "f" })).toThrow(
      "createWarmer: the variable WARM_SANDBOXES is wrong; it takes a whole number from 1 to 1000",
    )
  })
})

describe("a ping", () => {
  it.each([
    [undefined],
    [null],
    ["@warmpool/lambda:ping"],
    [[]],
    [{}],
    [{ "@warmpool/lambda:ping": 1 }],
    [{ "@warmpool/lambda:ping": { holdMs: "1" } }],
    [{ "@warmpool/lambda:ping": { holdMs: 60_001 } }],
    [{ "@warmpool/lambda:ping": { holdMs: 1 }, more: 1 }],
  ])("is not what anybody else sends: %j", (event) => {
    expect([readPing(event), readPong(event)]).toEqual([undefined, undefined])
  })

  it("is what the warmer sends", () => {
    expect(readPing(JSON.parse(encodePing({ holdMs: 7 })))).toEqual({ holdMs: 7 })
  })
})

async function failure(run: () => Promise<unknown>): Promise<Error> {
  return run().then(
    () => new Error("it did not fail"),
    (error: Error) => error,
  )
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
}

const pong = (sandbox: string): Answer => ({
  status: 200,
  body: { "@warmpool/lambda:ping": { sandbox } },
})

/** Lambda's API as far as it can't be run here: it answers each request in the same way, and counts them. */
async function answering(answer: (body: string, count: number) => Answer | undefined) {
  const seen = { requests: 0 }
  const api = createServer(async (request, response) => {
    seen.requests += 1
    const given = answer(String(await request.toArray()), seen.requests)
    if (given) response.writeHead(given.status, given.headers).end(JSON.stringify(given.body))
  })
  api.listen(0, "127.0.0.1")
  await once(api, "listening")
  return {
    url: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    get requests() {
      return seen.requests
    },
    async [Symbol.asyncDispose]() {
      api.closeAllConnections()
      api.close()
      await once(api, "close")
    },
  }
}
