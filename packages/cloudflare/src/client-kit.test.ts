import { ConfigError, createRedis, type Redis } from "@warmpool/core"
import { object, oneOf, text } from "@warmpool/core/config"
import { type RedisServer, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bindingWay } from "./binding-way.ts"
import { ClientKit } from "./client-kit.ts"
import { HoldingInvocation } from "./holding-invocation.ts"
import { httpWay } from "./http-way.ts"
import { type NamedWay, openWay } from "./open-way.ts"
import { textOf, type Way } from "./way.ts"

/** The way that was taken. */
let opened: string | undefined

/** Tells which way was taken. */
const noting = (name: string, { wants, open }: Way): Way => ({
  wants,
  open(given, env) {
    const transport = open(given, env)
    if (transport) opened = name
    return transport
  },
})

const tcpWay: Way = {
  wants: "set the secret REDIS_URL",
  open(given, env) {
    const url = given.url ?? textOf(env, "REDIS_URL")
    return url === undefined ? undefined : socketTransport({ url })
  },
}

const WAYS: readonly NamedWay[] = [
  ["binding", noting("binding", bindingWay())],
  ["http", noting("http", httpWay)],
  ["tcp", noting("tcp", tcpWay)],
]

function makeKit(): ClientKit<Redis, object> {
  opened = undefined
  return new ClientKit<Redis, object>({
    spec: {
      transport: object(),
      keyPrefix: text(),
      binding: object(),
      url: text(),
      token: text(),
      way: oneOf(["binding", "http", "tcp"]),
    },
    open: (given, env) => openWay(WAYS, given, env),
    begin: (ctx) => new HoldingInvocation(ctx),
    create: createRedis,
  })
}

const context = (): { waitUntil(promise: Promise<unknown>): void } => ({ waitUntil: () => undefined })
const REDIS = { exchange() {}, open() {}, listen() {} }
const UPSTASH = { UPSTASH_REDIS_REST_URL: "https://a.test", UPSTASH_REDIS_REST_TOKEN: "t" }
const KV = { KV_REST_API_URL: "https://b.test", KV_REST_API_TOKEN: "t" }
const URL_OF_REDIS = { REDIS_URL: "redis://a.test" }

describe("the way to the server", () => {
  it.each<[string, object, object | undefined]>([
    ["binding", { REDIS, ...UPSTASH, ...URL_OF_REDIS }, undefined],
    ["http", { ...UPSTASH, ...URL_OF_REDIS }, undefined],
    ["http", { ...KV, ...URL_OF_REDIS }, {}],
    ["tcp", { ...URL_OF_REDIS, UPSTASH_REDIS_REST_URL: "" }, undefined],
    ["tcp", { REDIS, ...UPSTASH, ...URL_OF_REDIS }, { way: "tcp" }],
    ["http", { REDIS, ...URL_OF_REDIS }, { url: "https://c.test", token: "t" }],
    ["tcp", { REDIS, ...UPSTASH }, { url: "redis://c.test" }],
    ["binding", { ...UPSTASH }, { binding: REDIS }],
  ])("is %s for the bindings %o and the options %o", (way, env, options) => {
    makeKit().bind(env, context(), options)

    expect(opened).toBe(way)
  })

  it("may be made of env by a function", () => {
    const options = ({ CACHE }: { CACHE: string }) => ({ url: CACHE })

    makeKit().bind({ REDIS, CACHE: "redis://c.test" }, context(), options)

    expect(opened).toBe("tcp")
  })

  it.each<[object, object | undefined, RegExp]>([
    [
      {},
      undefined,
      /^env says of no server: bind the pool: .*; or set UPSTASH.*; or set the secret REDIS_URL$/,
    ],
    [URL_OF_REDIS, { way: "http" }, /^env says of no server: set UPSTASH_REDIS_REST_URL and [^;]*$/],
    [{ KV_REST_API_URL: "https://b.test" }, undefined, /no KV_REST_API_TOKEN beside it/],
    [{ REDIS_URL: { get() {} } }, undefined, /^env\.REDIS_URL is an object; it takes a string$/],
    [
      { REDIS: "redis://x" },
      undefined,
      /^env\.REDIS is not the pool, or has no RPC: .*"2024-04-03" or later/,
    ],
    [URL_OF_REDIS, { keyPrefx: "p:" }, /unknown option keyPrefx: did you mean keyPrefix\?/],
  ])("is refused for the bindings %o and the options %o", (env, options, words) => {
    const bind = () => makeKit().bind(env, context(), options)

    expect(bind).toThrow(ConfigError)
    expect(bind).toThrow(words)
  })

  it("refuses wrong options before any invocation", () => {
    expect(() => makeKit().check({ way: "carrier pigeon" })).toThrow(/way takes "binding" or/)
  })

  it("refuses what is no context", () => {
    expect(() => makeKit().bind(URL_OF_REDIS, {} as never, undefined)).toThrow(/ctx is not the context/)
  })
})

describe("a client", () => {
  let server: RedisServer
  let env: { readonly REDIS_URL: string }

  beforeAll(async () => {
    server = await startRedis()
    env = { REDIS_URL: server.url }
  })
  afterAll(() => server.close())

  it("is one for each invocation, whoever asks for it", () => {
    const kit = makeKit()
    const [one, other] = [context(), context()]

    const first = kit.bind(URL_OF_REDIS, one, undefined).redis

    expect(kit.bind(URL_OF_REDIS, one, undefined).redis).toBe(first)
    expect(kit.bind(URL_OF_REDIS, one, { keyPrefix: "p:" }).redis).not.toBe(first)
    expect(kit.bind(URL_OF_REDIS, other, undefined).redis).not.toBe(first)
  })

  it("keeps an invocation alive while commands are under way, but not while a handler runs", async () => {
    const kit = makeKit()
    const kept: Promise<unknown>[] = []
    const ctx = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) }
    const { redis, invocation } = kit.bind(env, ctx, undefined)

    invocation.begin(undefined)
    await redis.incr("n")
    expect(kept).toHaveLength(0)
    invocation.end(redis, undefined)
    await redis.incr("n")

    expect(kept).toHaveLength(2)
    await redis.close()
  })

  it("gives up with its request while the handler runs, and finishes afterwards", async () => {
    const { redis, invocation } = makeKit().bind(env, context(), undefined)
    const gone = new AbortController()

    invocation.begin(gone.signal)
    const given = redis.incr("n")
    gone.abort(new Error("the client has disconnected"))
    await expect(given).rejects.toThrow("the client has disconnected")

    const second = makeKit().bind(env, context(), undefined)
    const later = new AbortController()
    second.invocation.begin(later.signal)
    const left = second.redis.incr("later")
    second.invocation.end(second.redis, undefined)
    later.abort()
    expect(await left).toBe(1)
    await Promise.all([redis.close(), second.redis.close()])
  })
})
