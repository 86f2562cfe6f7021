import { ConfigError, type Transport } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { type LambdaRedisOptions, readLambdaOptions } from "./options.ts"

const transport: Transport = {
  traits: { persistent: true, leases: true, maxRequests: 1, maxBytes: 1 },
  connect: () => Promise.reject(new Error("not used here")),
}

function refusalOf(options: object, redisUrl?: string): Error {
  try {
    readLambdaOptions(options as LambdaRedisOptions, redisUrl)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error("it was accepted")
}

describe("where the server is", () => {
  it("comes from REDIS_URL when options name none", () => {
    expect(readLambdaOptions({}, "rediss://user:secret@host:1/2").endpoint).toEqual({
      url: "rediss://user:secret@host:1/2",
    })
  })

  it("comes from the options when they name one, whatever REDIS_URL says", () => {
    expect(readLambdaOptions({ host: "there", port: 1 }, "redis://here").endpoint).toEqual({
      host: "there",
      port: 1,
    })
    expect(readLambdaOptions({ url: "redis://there" }, "not even a URL").endpoint).toEqual({
      url: "redis://there",
    })
  })

  it("is completed by the credentials, the database and the name beside REDIS_URL", () => {
    const options = { username: "u", password: "p", database: 3, name: "shop" }

    expect(readLambdaOptions(options, "redis://host").endpoint).toEqual({ ...options, url: "redis://host" })
  })

  it("is the transport's affair when one is given", () => {
    expect(readLambdaOptions({ transport }, "redis://here")).toMatchObject({ transport, endpoint: {} })
  })

  it.each([undefined, ""])("has to be named: REDIS_URL is %j", (redisUrl) => {
    expect(refusalOf({}, redisUrl).message).toBe(
      "createRedis: there is no server to connect to: set the environment variable REDIS_URL, such as redis://host:6379, or pass url",
    )
  })
})

describe("wrong options", () => {
  it.each<[object, string]>([
    [{ databse: 1 }, "createRedis: unknown option databse: did you mean database?"],
    [{ comandTimeoutMs: 1 }, "createRedis: unknown option comandTimeoutMs: did you mean commandTimeoutMs?"],
    [{ url: "redis://a", host: "b" }, "createRedis: url and host contradict: keep one"],
    [{ url: "redis://a", port: 1 }, "createRedis: url and port contradict: keep one"],
    [{ path: "/a", host: "b" }, "createRedis: path and host contradict: keep one"],
    [{ url: "redis://:x@a", password: "y" }, "createRedis: url and password contradict: keep one"],
    [
      { transport, url: "redis://a" },
      "createRedis: transport already says where the server is: leave out url",
    ],
    [{ transport, name: "a" }, "createRedis: transport already says where the server is: leave out name"],
    [{ url: "redis://a", max: 0 }, "createRedis: max takes a whole number from 1 to 10000"],
    [{ url: "redis://a", prewarm: "no" }, "createRedis: prewarm takes true or false"],
    [{ url: "redis://a", host: undefined, reserveMs: -1 }, "createRedis: reserveMs takes a whole number"],
    [{ host: undefined, url: "redis://a", hots: "b" }, "did you mean host?"],
  ])("are named together with the fix: %o", (options, message) => {
    expect(refusalOf(options, "redis://here").message).toContain(message)
  })

  it("don't count when they are undefined, as an environment's variables may be", () => {
    expect(
      readLambdaOptions({ keyPrefix: undefined, url: undefined, transport: undefined }, "redis://a").core,
    ).toHaveProperty("keyPrefix", "")
  })
})

describe("a wrong URL", () => {
  it("of HTTP names the HTTP transport", () => {
    expect(refusalOf({}, "https://x.upstash.io").message).toMatch(
      /^createRedis, from REDIS_URL: .*upstashTransport\(\{ url, token \}\)/,
    )
    expect(refusalOf({ url: "https://x.upstash.io" }).message).toMatch(/^createRedis: .*upstashTransport/)
  })

  it.each(["redis://:planted@ho st", "redsi://:planted@host", "redis://:planted@host/one", ":planted"])(
    "says where it came from and never shows it: %s",
    (redisUrl) => {
      const refusal = refusalOf({}, redisUrl)

      expect(refusal.message).toMatch(/^createRedis, from REDIS_URL: /)
      expect(String(refusal.stack)).not.toContain("planted")
    },
  )
})
