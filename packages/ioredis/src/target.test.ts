import { ConfigError } from "@warmpool/core"
import { Cluster, Redis } from "ioredis"
import { describe, expect, it } from "vitest"
import { type IoredisOptions, readTarget } from "./target.ts"

const LATER =
  "ioredisTransport: Cluster and Sentinel are not supported yet: give the URL or the options of one server"
const wild = (given: unknown) => readTarget(given as IoredisOptions)

describe("what is right", () => {
  const nobody = { username: undefined, password: undefined, database: 0, name: undefined }

  it("reads a URL", () => {
    const target = readTarget("redis://app:s3cret@db:7000/3")

    expect(target.address).toBe("db:7000")
    expect(target.login).toEqual({ ...nobody, username: "app", password: "s3cret", database: 3 })
  })

  it("reads options", () => {
    const target = readTarget({ host: "db", database: 2, name: "shop", family: 6, tls: { ca: "pem" } })

    expect(target.login).toEqual({ ...nobody, database: 2, name: "shop" })
    expect(target.create().options).toMatchObject({ host: "db", port: 6379, family: 6, tls: { ca: "pem" } })
  })

  it("reads a Unix socket", () => {
    const target = readTarget({ path: "/run/redis.sock" })

    expect(target.address).toBe("/run/redis.sock")
    expect(target.create().options).toMatchObject({ path: "/run/redis.sock" })
  })

  it("reads a client, and leaves it alone", () => {
    const client = new Redis({
      lazyConnect: true,
      host: "db",
      db: 3,
      password: "s3cret",
      connectionName: "shop",
    })

    const target = readTarget(client)

    expect(target.address).toBe("db:6379")
    expect(target.login).toEqual({ ...nobody, password: "s3cret", database: 3, name: "shop" })
    expect(client.status).toBe("wait")
    expect(client.options).toMatchObject({ password: "s3cret", db: 3, maxRetriesPerRequest: 20 })
  })

  it.each([
    ["options", { host: "db", password: "s3cret", database: 3 }],
    [
      "a client",
      new Redis({
        lazyConnect: true,
        commandTimeout: 5,
        socketTimeout: 5,
        blockingTimeout: 5,
        reconnectOnError: () => 2,
        enableAutoPipelining: true,
        replyMapping: "resp3",
        connectionName: "shop",
      }),
    ],
  ])("makes clients of %s that do nothing by themselves", (_what, given) => {
    const client = readTarget(given).create()

    expect(client.status).toBe("wait")
    expect(client.options).toMatchObject({
      retryStrategy: null,
      reconnectOnError: null,
      autoResendUnfulfilledCommands: false,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      enableAutoPipelining: false,
      disableClientInfo: true,
      protocol: 2,
      connectTimeout: 0,
      username: null,
      password: null,
      db: 0,
      connectionName: null,
    })
    expect(client.options.commandTimeout).toBeUndefined()
    expect(client.options.socketTimeout).toBeUndefined()
    expect(client.options.blockingTimeout).toBeUndefined()
  })
})

describe("what is wrong", () => {
  it.each([
    [{}, "ioredisTransport: there is no server: give url, host or path"],
    [undefined, "ioredisTransport: there is no server: give url, host or path"],
    [null, "ioredisTransport takes an object of options; it got null"],
    [{ url: "redis://a", host: "b" }, "ioredisTransport: url and host contradict: keep one"],
    [{ host: "db", db: 1 }, "ioredisTransport: unknown option db: did you mean database?"],
    [
      { host: "db", connectionName: "x" },
      "ioredisTransport: unknown option connectionName: did you mean name?",
    ],
    [{ host: "db", family: 5 }, "ioredisTransport: family is 5; it takes 4 or 6"],
    [
      { host: "db", name: "" },
      "ioredisTransport: name is an empty string; it takes a string that is not empty",
    ],
    [{ sentinels: [{ host: "a" }], name: "mymaster" }, LATER],
    [{ cluster: [{ host: "a" }] }, LATER],
    [[{ host: "a" }], LATER],
    [new Redis({ lazyConnect: true, sentinels: [{ host: "a" }], name: "mymaster" }), LATER],
    [new Cluster([{ host: "a" }], { lazyConnect: true }), LATER],
    [
      new Redis({ lazyConnect: true, keyPrefix: "shop:" }),
      "ioredisTransport: the client has a keyPrefix: give keyPrefix to createRedis instead",
    ],
  ])("refuses %#", (given, message) => {
    expect(() => wild(given)).toThrow(new ConfigError(message))
  })

  it("lists what it takes when ioredis' own options are given", () => {
    expect(() => wild({ host: "db", retryStrategy: () => 5 })).toThrow(
      "ioredisTransport: unknown option retryStrategy: it takes " +
        "url, host, port, path, tls, username, password, database, family, name",
    )
  })
})
