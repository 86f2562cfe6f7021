import { type Redis, ReplyError } from "@warmpool/core"
import { attachRedis, startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { nextEvent, useRig } from "./rig.ts"

/** Long enough to be asked again after a few rests. */
const PATIENT = { commandTimeoutMs: 10_000, acquireTimeoutMs: 10_000 }

describe.each(transports)("a refusal over $name", (transport) => {
  const rig = useRig(transport)
  const killClients = () => rig.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
  const dropConnections = async (redis: Redis) => {
    const closed = nextEvent(redis, "close")
    await killClients()
    await closed
  }

  describe("READONLY", () => {
    it("is retried until the replica is promoted, and the write runs once", async () => {
      const redis = await rig.warmClient(PATIENT)
      await rig.demote()
      await rig.forgetCalls()
      const retried = nextEvent(redis, "retry")
      const writes = Promise.all([redis.incr("n"), redis.multi().incr("n").exec(), redis.incr("n")])

      expect(await retried).toMatchObject({ what: "commands" })
      await rig.server.command("REPLICAOF", "NO", "ONE")

      expect(await writes).toEqual([1, [[null, 2]], 3])
    })

    it("replaces the connection, so that a moved address is found", async () => {
      await using primary = await startRedis()
      const before = await startFaultProxy({ target: rig.server })
      const redis = await rig.warmClient({ ...PATIENT, url: before.url() })
      await rig.demote()
      const retried = nextEvent(redis, "retry")
      const write = redis.incr("n")
      await retried

      await before.close()
      await using _after = await startFaultProxy({ target: primary, port: before.port })

      expect(await write).toBe(1)
      expect(await primary.command("GET", "n")).toBe("1")
      expect(await rig.server.command("EXISTS", "n")).toBe(0)
    })

    it("lets reads of the same tick be answered by the replica", async () => {
      await rig.server.command("SET", "k", "v")
      const redis = await rig.warmClient({ commandTimeoutMs: 500 })
      await rig.demote()

      const write = failure(redis.incr("n"))
      const read = redis.get("k")

      expect(await read).toBe("v")
      expect(await write).toMatchObject({ kind: "READONLY", fate: "refused" })
    })

    it("is the error when nobody promotes it in time", async () => {
      const redis = await rig.warmClient({ commandTimeoutMs: 100 })
      await rig.demote()

      const error = await failure(redis.set("k", "v"))

      expect(error).toBeInstanceOf(ReplyError)
      expect(error).toMatchObject({ kind: "READONLY", fate: "refused" })
    })

    it("keeps the order of the writes that wait", async () => {
      const redis = await rig.warmClient(PATIENT)
      await rig.demote()
      const retried = nextEvent(redis, "retry")
      const writes = Array.from({ length: 50 }, (_, n) => redis.rpush("list", String(n)))
      await retried
      const later = Array.from({ length: 50 }, (_, n) => redis.rpush("list", String(50 + n)))

      await rig.server.command("REPLICAOF", "NO", "ONE")
      await Promise.all([...writes, ...later])

      expect(await redis.lrange("list", 0, -1)).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
    })
  })

  it("MASTERDOWN is retried until the replica may answer", async () => {
    const redis = await rig.warmClient(PATIENT)
    await rig.server.command("SET", "k", "v")
    await rig.configure("replica-serve-stale-data", "no")
    await rig.demote()
    const retried = nextEvent(redis, "retry")
    const read = redis.get("k")
    await retried

    await rig.server.command("REPLICAOF", "NO", "ONE")

    expect(await read).toBe("v")
  })

  it("LOADING is retried until the data is there", async () => {
    const pairs = Array.from({ length: 300 }, (_, n) => [`key${n}`, "x".repeat(100)]).flat()
    const redis = await rig.warmClient(PATIENT)
    await redis.mset(...pairs)
    await rig.configure("key-load-delay", "2000")
    await rig.configure("loading-process-events-interval-bytes", "1024")
    const retried = nextEvent(redis, "retry")
    const reloaded = rig.server.command("DEBUG", "RELOAD")
    let loaded = "no"
    void reloaded.then(() => {
      loaded = "yes"
    })

    while (loaded === "no") {
      const outcomes = await Promise.all([redis.incr("n"), redis.get("key299")])
      expect(outcomes).toEqual([expect.any(Number), "x".repeat(100)])
    }

    expect(await retried).toMatchObject({ what: "commands" })
  })

  it("NOAUTH is retried on a new connection until the password is gone", async () => {
    await using control = attachRedis(rig.server.url)
    await control.command("PING")
    const redis = await rig.warmClient(PATIENT)
    await rig.configure("requirepass", "planted")
    await dropConnections(redis)
    const retried = nextEvent(redis, "retry")
    const { opened } = redis.stats()
    const write = redis.incr("n")
    await retried

    await rig.server.command("CONFIG", "SET", "requirepass", "")

    expect(await write).toBe(1)
    expect(redis.stats().opened).toBeGreaterThanOrEqual(opened + 2)
  })

  it("NOAUTH is the error, as refused, when the password stays", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 500 })
    await rig.configure("requirepass", "planted")
    await dropConnections(redis)

    expect(await failure(redis.incr("n"))).toMatchObject({ kind: "NOAUTH", fate: "refused" })
  })

  it("too many clients is retried until there is room", async () => {
    const redis = rig.client(PATIENT)
    await rig.configure("maxclients", "1")
    const retried = nextEvent(redis, "retry")
    const commands = Promise.all([redis.incr("n"), redis.get("k"), redis.multi().incr("n").exec()])
    const leased = Promise.allSettled([redis.use((lease) => lease.incr("m"))])
    await retried

    await rig.server.command("CONFIG", "SET", "maxclients", "10000")

    expect(await commands).toEqual([1, null, [[null, 2]]])
    // Nothing is sent again on another lease: its holder is told.
    expect(await leased).toMatchObject([{ reason: { fate: "refused" } }])
    expect(await redis.get("m")).toBeNull()
  })

  it("too many clients is the reason, when there is no room in time", async () => {
    const redis = rig.client({ commandTimeoutMs: 200 })
    await rig.configure("maxclients", "1")

    const error = await failure(redis.incr("n"))

    expect(error.message).toContain("max number of clients")
    expect(["unsent", "refused"]).toContain(Reflect.get(error, "fate"))
  })

  describe("is not what the server means by", () => {
    it("OOM: the write fails at once and the connection stays", async () => {
      const redis = await rig.warmClient(PATIENT)
      await rig.configure("maxmemory", "1")
      await rig.forgetCalls()

      const error = await failure(redis.set("k", "v"))

      expect(error).toMatchObject({ name: "ReplyError", kind: "OOM", fate: undefined })
      expect(await redis.get("k")).toBeNull()
      const stats = String(await rig.server.command("INFO", "commandstats"))
      expect(stats).toMatch(/cmdstat_set:calls=0,.*rejected_calls=1,/)
      expect(redis.stats()).toMatchObject({ opened: 1, closed: 0 })
    })

    it("BUSY: a script holds it up", async () => {
      await rig.configure("lua-time-limit", "20")
      await using runner = attachRedis(rig.server.url)
      const redis = await rig.warmClient(PATIENT)
      const script = failure(runner.command("EVAL", "while true do end", 0))

      let error = await failure(redis.incr("n").then(() => Promise.reject(new Error("not busy yet"))))
      while (error.message === "not busy yet") {
        error = await failure(redis.incr("n").then(() => Promise.reject(new Error("not busy yet"))))
      }

      expect(error).toMatchObject({ name: "ReplyError", kind: "BUSY", fate: undefined })
      await rig.server.command("SCRIPT", "KILL")
      expect((await script).message).toContain("Script killed")
      expect(redis.stats()).toMatchObject({ opened: 1 })
    })

    it("NOPERM: the user may not", async () => {
      await rig.server.command("ACL", "SETUSER", "meek", "on", ">p", "~*", "+@all", "-incr")
      const redis = await rig.warmClient({ ...PATIENT, url: rig.proxy.url("redis://meek:p@host") })

      expect(await failure(redis.incr("n"))).toMatchObject({ kind: "NOPERM", fate: undefined })

      expect(redis.stats()).toMatchObject({ opened: 1 })
    })

    it("WRONGTYPE, nor does it touch its neighbours", async () => {
      const redis = await rig.warmClient(PATIENT)

      const outcomes = await Promise.allSettled([redis.set("k", "v"), redis.lpush("k", "x"), redis.get("k")])

      expect(outcomes).toMatchObject([
        { value: "OK" },
        { reason: { kind: "WRONGTYPE", fate: undefined } },
        { value: "v" },
      ])
    })

    it("EXECABORT, unless all that was refused may be sent again", async () => {
      const redis = await rig.warmClient(PATIENT)

      const error = await failure(redis.multi().set("k", "v").call("NOSUCH", "k").exec())

      expect(error).toMatchObject({ kind: "EXECABORT", previousErrors: [{ name: "ReplyError" }] })
      expect(await redis.get("k")).toBeNull()
    })
  })
})
