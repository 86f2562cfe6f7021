import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { ArgumentError, ConfigError, createRedis, UnsupportedCommandError } from "@warmpool/core"
import { createRedis as createLambdaRedis, withRedis } from "@warmpool/lambda"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { useRig } from "./rig.ts"

const FIXTURE = fileURLToPath(new URL("lambda-without-url.fixture.ts", import.meta.url))

/** What was given, and what the message must name: the option, and the way out. */
const OPTIONS: readonly (readonly [options: object, option: string, fix: RegExp])[] = [
  [{ commandTimeout: 5 }, "commandTimeout", /commandTimeoutMs/],
  [{ maxx: 5 }, "maxx", /did you mean max\?/],
  [{ retryStrategy: null }, "retryStrategy", /it takes .*commandTimeoutMs/],
  [{ lazyConnect: true }, "lazyConnect", /it takes /],
  [{ max: 0 }, "max", /from 1/],
  [{ max: -1 }, "max", /from 1/],
  [{ max: 1.5 }, "max", /whole number/],
  [{ max: "5" }, "max", /whole number/],
  [{ commandTimeoutMs: 0 }, "commandTimeoutMs", /from 1/],
  [{ commandTimeoutMs: Number.NaN }, "commandTimeoutMs", /whole number/],
  [{ commandTimeoutMs: Number.POSITIVE_INFINITY }, "commandTimeoutMs", /from 1/],
  [{ retryWrites: "all" }, "retryWrites", /"never" or "overwrites"/],
  [{ retryWrites: true }, "retryWrites", /"never" or "overwrites"/],
  [{ validateAfterMs: -1 }, "validateAfterMs", /from 0 to Infinity/],
  [{ keyPrefix: 5 }, "keyPrefix", /string/],
]

const PLACES: readonly (readonly [options: object, named: RegExp])[] = [
  [{ url: "redis://localhost", host: "localhost" }, /url and host contradict: keep one/],
  [{ url: "redis://localhost", port: 6379 }, /url and port contradict: keep one/],
  [{ url: "redis://localhost/1", database: 2 }, /database.*keep one/],
  [{ url: "redis://:a@localhost", password: "b" }, /password.*keep one/],
  [{ url: "redis://local host" }, /URL is malformed; it takes .* redis:\/\//],
  [{ url: "localhost:6379" }, /redis:\/\//],
  [{ url: "localhost" }, /redis:\/\//],
  [{ url: "" }, /url/i],
  [{ url: "redis://localhost:99999999" }, /URL is malformed/],
  [{ url: "https://localhost" }, /upstash/],
  [{ url: "redis://localhost/zero" }, /database/],
  [{ port: 6379 }, /REDIS_URL|host/],
  [{ host: "localhost", port: 0 }, /port.*from 1 to 65535/],
  [{ hots: "localhost" }, /unknown option hots: did you mean host\?/],
]

/** Runs in a process whose environment is given: nothing of ours. */
async function createInChild(options: object, env: Record<string, string>): Promise<unknown> {
  const args = ["--disable-warning=ExperimentalWarning", FIXTURE, JSON.stringify(options)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return JSON.parse(stdout)
}

function thrownBy(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error("nothing was thrown")
}

describe.each(transports)("wrong input over $name", (transport) => {
  const rig = useRig(transport)

  it.each(OPTIONS)("is refused: the options %o", (options, option, fix) => {
    const error = thrownBy(() => createRedis({ transport: transport.open(rig.proxy.url()), ...options }))

    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toContain(option)
    expect(error.message).toMatch(fix)
  })

  it("is refused: no transport", () => {
    const error = thrownBy(() => createRedis({} as never))

    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(/transport.*socketTransport/)
  })

  it.each(["redis://local host", "localhost:6379", "", "https://localhost", "redis://localhost/zero"])(
    "is refused: the URL %j",
    (url) => {
      const error = thrownBy(() => transport.open(url))

      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toMatch(/redis:\/\/|url|upstash|database/)
    },
  )

  it.each<[string, (redis: ReturnType<typeof rig.client>) => Promise<unknown>, RegExp]>([
    [
      "a callback",
      (redis) => redis.call("GET", "k", (() => undefined) as never),
      /callbacks are not supported, await/,
    ],
    ["a callback of a method", (redis) => redis.get(...(["k", () => 1] as unknown as [string])), /callbacks/],
    ["an object", (redis) => redis.call("SET", "k", {} as never), /JSON|string/],
    ["a symbol", (redis) => redis.call("SET", "k", Symbol("s") as never), /string/],
    ["no name", (redis) => redis.call(""), /name/],
  ])("is refused, and nothing is sent: %s as an argument", async (_what, call, fix) => {
    const redis = rig.client()

    const error = await failure(call(redis))

    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toMatch(fix)
    expect(redis.stats()).toMatchObject({ opened: 0, connecting: 0 })
  })

  it.each([
    ["WATCH", /acquire|use/],
    ["SELECT", /URL/],
    ["MULTI", /redis\.multi\(\)/],
    ["SUBSCRIBE", /subscribe\(channels\)/],
    ["AUTH", /URL/],
    ["QUIT", /close\(\)/],
    ["MONITOR", /redis-cli/],
  ])("is refused with the way that works: %s", async (name, way) => {
    const redis = rig.client()

    const error = await failure(redis.call(name, "k"))

    expect(error).toBeInstanceOf(UnsupportedCommandError)
    expect(error.message).toMatch(way)
    expect(redis.stats()).toMatchObject({ opened: 0 })
  })

  it.each<[object, RegExp]>([
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ timeoutMs: Number.NaN }, /timeoutMs/],
    [{ timeout: 5 }, /unknown option timeout.*timeoutMs/],
    [{ signal: {} }, /AbortSignal/],
  ])("is refused: with(%o)", (how, fix) => {
    const redis = rig.client()

    const error = thrownBy(() => redis.with(how))

    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toMatch(fix)
  })

  it("is named as what to look at: TLS to a server that speaks none", async () => {
    const redis = rig.client({ url: rig.server.url.replace("redis:", "rediss:") })

    const error = await failure(redis.set("k", "v"))

    expect(error).toMatchObject({ name: "TimeoutError", fate: "unsent" })
    expect(error.message).toContain("rediss:")
  })

  it("is refused: a lease with max: 1", async () => {
    const redis = rig.client({ max: 1 })

    for (const attempt of [redis.acquire(), redis.blpop("k", 1)]) {
      const error = await failure(attempt)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toMatch(/set max to 2 or more/)
    }
    expect(await redis.ping()).toBe("PONG")
  })
})

describe("wrong input on Lambda", () => {
  it.each(PLACES)("is refused: %o", (options, named) => {
    const error = thrownBy(() => createLambdaRedis(options))

    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(named)
  })

  it.each<[string, Record<string, string>]>([
    ["missing", {}],
    ["empty", { REDIS_URL: "" }],
  ])("is refused: REDIS_URL is %s", async (_what, env) => {
    expect(await createInChild({}, env)).toEqual({
      name: "ConfigError",
      code: "ERR_CONFIG",
      message: expect.stringMatching(/REDIS_URL.*redis:\/\/host:6379.*url/),
    })
  })

  it("is refused: REDIS_URL is malformed", async () => {
    const told = await createInChild({}, { REDIS_URL: "redis://:planted-password@ho st" })

    expect(told).toMatchObject({ name: "ConfigError", message: expect.stringContaining("URL is malformed") })
    expect(JSON.stringify(told)).not.toContain("planted")
  })

  it("is what REDIS_URL says, unless options name another place", async () => {
    expect(await createInChild({ prewarm: false }, { REDIS_URL: "redis://localhost" })).toEqual({
      created: "yes",
    })
    expect(await createInChild({ prewarm: false, host: "localhost" }, { REDIS_URL: "nonsense" })).toEqual({
      created: "yes",
    })
  })

  it.each([undefined, null, "handler", {}, Promise.resolve()])("is refused: the handler %o", (handler) => {
    const redis = createLambdaRedis({ url: "redis://localhost", prewarm: false })

    const error = thrownBy(() => withRedis(redis, handler as never))

    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(/second argument is the handler, a function/)
  })

  it.each([undefined, null, {}, () => undefined])("is refused: the client %o", (redis) => {
    const error = thrownBy(() => withRedis(redis as never, async () => undefined))

    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(/first argument is the client: withRedis\(createRedis\(\), handler\)/)
  })
})
