import { ConfigError } from "@warmpool/core"
import { Cluster, Redis } from "ioredis"
import { describe, expect, it } from "vitest"
import { type IoredisOptions, type IoredisTarget, readTarget } from "./target.ts"

const wild = (given: unknown) => readTarget(given as IoredisOptions)
/** One server, or the master that sentinels name. */
const readOne = (given: IoredisTarget) => {
  const target = readTarget(given)
  if ("node" in target) throw new Error("it was taken for a cluster")
  return target
}
const readCluster = (given: IoredisTarget) => {
  const target = readTarget(given)
  if (!("node" in target)) throw new Error("it was not taken for a cluster")
  return target
}

describe("what is right", () => {
  const nobody = { username: undefined, password: undefined, database: 0, name: undefined }

  it("reads a URL", () => {
    const target = readOne("redis://app:s3cret@db:7000/3")

    expect(target.address).toBe("db:7000")
    expect(target.login).toEqual({ ...nobody, username: "app", password: "s3cret", database: 3 })
  })

  it("reads options", () => {
    const target = readOne({ host: "db", database: 2, name: "shop", family: 6, tls: { ca: "pem" } })

    expect(target.login).toEqual({ ...nobody, database: 2, name: "shop" })
    expect(target.create().options).toMatchObject({ host: "db", port: 6379, family: 6, tls: { ca: "pem" } })
  })

  it("reads a Unix socket", () => {
    const target = readOne({ path: "/run/redis.sock" })

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

    const target = readOne(client)

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
    const client = readOne(given).create()

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

describe("what is right of a cluster", () => {
  it.each<[string, IoredisTarget]>([
    ["a URL", "rediss+cluster://app:s3cret@a:1,b"],
    ["a URL among options", { url: "rediss+cluster://a:1,b", username: "app", password: "s3cret" }],
    ["nodes", { cluster: ["rediss://app:s3cret@a:1", { host: "b" }] }],
    [
      "nodes and options",
      { cluster: [{ host: "a", port: 1 }, { host: "b" }], username: "app", password: "s3cret", tls: true },
    ],
  ])("reads %s", (_what, given) => {
    const { address, node } = readCluster(given)

    expect(address).toBe("a:1, b:6379")
    expect(node("10.0.0.1:7000").login).toMatchObject({ username: "app", password: "s3cret", database: 0 })
    expect(node("10.0.0.1:7000").create().options).toMatchObject({ host: "10.0.0.1", port: 7000, tls: {} })
    expect(node("::1:7000").create().options).toMatchObject({ host: "::1", port: 7000 })
  })

  it("reads a cluster client, and leaves it alone", () => {
    const redisOptions = { password: "s3cret", connectionName: "shop", commandTimeout: 5 }
    const client = new Cluster([{ host: "a" }], { lazyConnect: true, redisOptions })

    const { node, create } = readCluster(client)

    expect(client.status).toBe("wait")
    expect(node("b:1").login).toMatchObject({ password: "s3cret", name: "shop" })
    expect(node("b:1").create().options).toMatchObject({ host: "b", password: null, retryStrategy: null })
    expect(node("b:1").create().options.commandTimeout).toBeUndefined()
    expect(create().options).toMatchObject({ clusterRetryStrategy: null, enableOfflineQueue: false })
  })
})

describe("what is right of sentinels", () => {
  const options = {
    sentinels: [{ host: "a" }, { host: "b", port: 1 }],
    name: "main",
    password: "s3cret",
    sentinelPassword: "other",
    database: 2,
  }

  it("reads options", () => {
    const target = readOne(options)

    expect(target.address).toBe("the master main")
    expect(target.login).toEqual({
      username: undefined,
      password: "s3cret",
      database: 2,
      name: undefined,
      role: "master",
    })
    expect(target.create().options).toMatchObject({
      sentinels: [
        { host: "a", port: 26_379 },
        { host: "b", port: 1 },
      ],
      name: "main",
      password: null,
      sentinelPassword: "other",
      failoverDetector: false,
      retryStrategy: null,
    })
  })

  it("reads a client", () => {
    const client = new Redis({ ...options, lazyConnect: true, db: 3 })

    const target = readOne(client)

    expect(target.login).toMatchObject({ password: "s3cret", database: 3, role: "master" })
    expect(target.create().options).toMatchObject({ name: "main", sentinelPassword: "other", password: null })
  })
})

describe("what is wrong", () => {
  it.each([
    [{}, "ioredisTransport: there is no server: give url, host or path"],
    [undefined, "ioredisTransport: there is no server: give url, host or path"],
    [null, "ioredisTransport takes an object of options"],
    [{ url: "redis://a", host: "b" }, "ioredisTransport: url and host contradict: keep one"],
    [{ host: "db", db: 1 }, "ioredisTransport: unknown option db: did you mean database?"],
    [
      { host: "db", connectionName: "x" },
      "ioredisTransport: unknown option connectionName: did you mean name?",
    ],
    [{ host: "db", family: 5 }, "ioredisTransport: family takes 4 or 6"],
    [{ host: "db", name: "" }, "ioredisTransport: name takes a string that is not empty"],
    [[{ host: "a" }], "ioredisTransport: it takes no array: for a cluster give { cluster: [...] }"],
    [
      { sentinels: [{ host: "a" }] },
      'ioredisTransport: sentinels need name: under which they know the master, such as "mymaster"',
    ],
    [
      { sentinels: [], name: "mymaster" },
      "ioredisTransport: sentinels takes an array of { host, port }, at least one",
    ],
    [
      { sentinels: [{ host: "a", prot: 1 }], name: "mymaster" },
      "ioredisTransport: sentinels: unknown option prot: did you mean port?",
    ],
    [
      { sentinels: ["a:26379"], name: "mymaster" },
      "ioredisTransport: sentinels has a string in its list; it takes { host, port }",
    ],
    [
      { sentinels: [{ host: "a" }], name: "mymaster", host: "b" },
      "ioredisTransport: sentinels and host contradict: keep one",
    ],
    [{ cluster: [] }, "ioredisTransport: cluster takes an array of URLs or { host, port }, at least one"],
    [{ cluster: ["redis://a"], url: "redis://b" }, "ioredisTransport: url and cluster contradict: keep one"],
    [
      { cluster: ["redis://a"], sentinels: [{ host: "b" }], name: "mymaster" },
      "ioredisTransport: sentinels and cluster contradict: keep one",
    ],
    [
      { cluster: ["redis://:planted@a"], password: "planted" },
      "ioredisTransport: a URL has a password, and password is given beside it: keep one",
    ],
    [
      { cluster: ["rediss://a"], tls: false },
      "ioredisTransport: cluster and tls contradict: leave tls out, or give redis: URLs",
    ],
    [{ cluster: ["redis://a/1"] }, "ioredisTransport: a cluster has no databases: leave out the number"],
    [
      { cluster: ["redis://a"], database: 1 },
      "ioredisTransport: database takes nothing but 0: a cluster has no databases",
    ],
    ["redis+cluster://a/1", "ioredisTransport: a cluster has no databases: leave out the number"],
    [
      { cluster: ["redis://a"], retryDelayOnMoved: 1 },
      "ioredisTransport: unknown option retryDelayOnMoved: it takes " +
        "url, cluster, username, password, tls, name, natMap, database",
    ],
    [
      new Cluster([{ host: "a" }], { lazyConnect: true, keyPrefix: "shop:" }),
      "ioredisTransport: the client has a keyPrefix: give keyPrefix to createRedis instead",
    ],
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
