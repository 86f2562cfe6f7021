import { execFile } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { AcquireTimeoutError, ConfigError, createRedis, fateOf, type Transport } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { createRedis as createLambdaRedis } from "@warmpool/lambda"
import { socketTransport } from "@warmpool/socket"
import { describe, expect, it } from "vitest"
import { failure } from "../fault/failure.ts"
import { useRig } from "../fault/rig.ts"
import { transports } from "../transports.ts"

const NAMED: readonly (readonly [name: string, open: (url: string) => Transport])[] = [
  ["socket", (url) => socketTransport({ url, name: "orders" })],
  ["ioredis", (url) => ioredisTransport({ url, name: "orders" })],
]

/** What redis-py's clients and pools take and we do not, with a value that each of them allows. */
const THEIR_OPTIONS: readonly (readonly [option: string, value: unknown])[] = [
  ["max_connections", 10],
  ["timeout", 20],
  ["socket_timeout", 1],
  ["socket_connect_timeout", 1],
  ["socket_keepalive", true],
  ["socket_keepalive_options", {}],
  ["health_check_interval", 30],
  ["retry_on_timeout", true],
  ["retry_on_error", []],
  ["retry", {}],
  ["decode_responses", true],
  ["encoding", "utf-8"],
  ["encoding_errors", "strict"],
  ["client_name", "orders"],
  ["unix_socket_path", "/run/redis.sock"],
  ["single_connection_client", true],
  ["connection_pool", {}],
  ["connection_class", {}],
  ["credential_provider", {}],
  ["db", 1],
  ["protocol", 2],
  ["lib_name", "orders"],
  ["ssl", true],
  ["ssl_ca_certs", "/etc/ca.pem"],
  ["ssl_cert_reqs", "none"],
  ["ssl_check_hostname", false],
]

describe("coming from redis-py", () => {
  it.each(THEIR_OPTIONS)("refuses redis-py's option %s", (option, value) => {
    const create = () => createLambdaRedis({ host: "localhost", prewarm: false, [option]: value })

    expect(create).toThrow(ConfigError)
    expect(create).toThrow(new RegExp(`unknown option ${option}: (did you mean|it takes) `))
  })

  it("takes no options in the query of a URL", () => {
    const create = () => createLambdaRedis({ url: "redis://localhost/0?max_connections=5", prewarm: false })

    expect(create).toThrow(ConfigError)
    expect(create).toThrow("the URL has an unknown parameter max_connections: set it as an option")
  })
})

describe.each(transports)("coming from redis-py, over $name", (transport) => {
  const rig = useRig(transport)

  it("a thousand callers at once share one connection", async () => {
    const redis = rig.client()

    const counts = await Promise.all(Array.from({ length: 1_000 }, () => redis.incr("n")))

    expect(counts).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1))
    expect(redis.stats()).toMatchObject({ opened: 1, shared: 1, leased: 0 })
  })

  it("says nothing on a connection that it need not", async () => {
    await rig.forgetCalls()
    const redis = rig.client()

    await redis.get("k")

    const stats = String(await rig.server.command("INFO", "commandstats"))
    const ran = [...stats.matchAll(/^cmdstat_(\S+?):/gm)].map(([, command]) => command)
    expect(ran.filter((command) => command !== "config|resetstat")).toEqual(["get"])
  })

  it("never has more than max connections, however many ask", async () => {
    const redis = rig.client({ max: 3, acquireTimeoutMs: 200 })
    const { promise: enough, resolve: letGo } = Promise.withResolvers<void>()
    await redis.ping()

    const held = [redis.use(() => enough), redis.use(() => enough)]
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => failure(redis.use((lease) => lease.ping()))),
    )

    expect(await rig.server.clients()).toHaveLength(3)
    for (const error of refused) {
      expect(error).toBeInstanceOf(AcquireTimeoutError)
      expect(error).toMatchObject({ fate: "unsent", message: expect.stringContaining("2 of 2 leased") })
    }
    letGo()
    await Promise.all(held)
    expect(await redis.use((lease) => lease.ping())).toBe("PONG")
    expect(redis.stats()).toMatchObject({ opened: 3 })
  })

  it("gives one connection for as long as it is leased", async () => {
    const redis = rig.client()
    const lease = await redis.acquire()

    const mine = [await lease.client("ID"), await lease.client("ID")]
    const shared = await redis.client("ID")
    const other = await redis.use((second) => second.client("ID"))
    await lease.release()

    expect(mine[0]).toBe(mine[1])
    expect(new Set([mine[0], shared, other]).size).toBe(3)
  })

  it("waits as long as a blocking command asks, beside its own limit", async () => {
    const redis = rig.client({ commandTimeoutMs: 200 })
    const startedAt = performance.now()

    expect(await redis.blpop("none", 0.5)).toBeNull()

    expect(performance.now() - startedAt).toBeGreaterThan(450)
  })

  it("has a limit and a signal for one call", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 60_000, validateAfterMs: 60_000 })
    rig.proxy.stall()

    const given = redis.with({ signal: AbortSignal.timeout(50) }).incr("n")
    const aborted = await failure(given)
    const late = await failure(redis.with({ timeoutMs: 50 }).get("k"))

    expect(aborted).toMatchObject({ name: "TimeoutError", message: expect.stringContaining("aborted") })
    expect(fateOf(given)).toBe("unknown")
    expect(late).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT" })
  })

  it("reads messages in the background until it is closed", async () => {
    const redis = rig.client()
    const subscription = redis.subscribe("news")
    const { promise: second, resolve: sawSecond } = Promise.withResolvers<void>()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { message } of subscription) if (seen.push(message) === 2) sawSecond()
    })()
    await subscription.ready

    await redis.publish("news", "one")
    await redis.publish("news", "two")
    await second
    await subscription.close()

    await reading
    expect(seen).toEqual(["one", "two"])
  })

  it("has a client of its own in a child process", async () => {
    const redis = rig.client()
    const id = await redis.client("ID")
    const program = `
      import { createRedis } from ${JSON.stringify(import.meta.resolve("@warmpool/lambda"))}
      await using redis = createRedis({ url: ${JSON.stringify(rig.server.url)} })
      console.log(await redis.client("ID"))`

    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program])

    expect(Number(stdout)).toBeGreaterThan(0)
    expect(Number(stdout)).not.toBe(id)
    expect(await redis.client("ID")).toBe(id)
  })

  it("serves a hundred HTTP requests at once over one connection", async () => {
    const redis = rig.client()
    const web = createServer(async (_request, response) => {
      response.end(String(await redis.incr("visits")))
    }).listen(0, "127.0.0.1")
    await once(web, "listening")
    const { port } = web.address() as AddressInfo

    const visits = await Promise.all(
      Array.from({ length: 100 }, async () => (await fetch(`http://127.0.0.1:${port}`)).text()),
    )

    expect(new Set(visits)).toEqual(new Set(Array.from({ length: 100 }, (_, index) => String(index + 1))))
    expect(redis.stats()).toMatchObject({ opened: 1 })
    web.close()
    web.closeAllConnections()
  })
})

describe.each(NAMED)("a name, over %s", (name, open) => {
  const rig = useRig({ name, open })

  it("shows its name in CLIENT LIST", async () => {
    const redis = createRedis({ transport: open(rig.server.url) })

    await redis.use((lease) => Promise.all([lease.ping(), redis.ping()]))

    expect((await rig.server.clients()).map((client) => client["name"])).toEqual(["orders", "orders"])
    await redis.close()
  })
})
