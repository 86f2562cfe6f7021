import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { type Redis, WarmpoolError } from "@warmpool/core"
import { startRedis } from "@warmpool/local"
import { describe, expect, it, onTestFinished } from "vitest"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { Pauses } from "./mixed-load.ts"
import { nextEvent, useRig } from "./rig.ts"

/** How often the server is killed and started again. */
const LIVES = rounds({ test: 3, soak: 50 })

/** Runs commands until told to stop; gives how each ended. */
async function load(redis: Redis, name: string, until: Promise<unknown>): Promise<(Error | number)[]> {
  const outcomes: (Error | number)[] = []
  let stopped = "no"
  void until.then(() => {
    stopped = "yes"
  })
  while (stopped === "no") {
    outcomes.push(await redis.incr(name).catch((error: Error) => error))
  }
  return outcomes
}

/** A peer that is no Redis: it does with each connection as told. */
async function startPeer(onConnect: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const peer = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined))
    onConnect(socket)
  }).listen(0, "127.0.0.1")
  await once(peer, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    peer.close()
  })
  const address = peer.address()
  return `redis://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`
}

describe.each(transports)("an outage over $name", (transport) => {
  const rig = useRig(transport)

  it("of a server killed and started again under load ends by itself, with nothing run twice", async () => {
    await using server = await startRedis()
    const redis = await rig.warmClient({ url: server.url, commandTimeoutMs: 10_000 })
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const running = Array.from({ length: 20 }, (_, n) => load(redis, `n${n}`, end))

    for (let round = 0; round < LIVES; round++) {
      await server.restart()
      for (let n = 0; n < 50; n++) await redis.ping()
    }
    resolve()
    const callers = await Promise.all(running)

    for (const [n, outcomes] of callers.entries()) {
      const unknown = outcomes.filter((outcome) => outcome instanceof Error)
      for (const error of unknown) expect(error).toMatchObject({ code: "ERR_OUTCOME_UNKNOWN" })
      expect(unknown.length).toBeLessThanOrEqual(LIVES)
      // The server comes back empty: what counts is that no number is given twice in one life.
      const numbers = outcomes.filter((outcome) => typeof outcome === "number")
      const lives = numbers.filter((number, at) => number <= (numbers[at - 1] ?? 0)).length
      expect(lives).toBeLessThanOrEqual(LIVES)
      expect(Number(await server.command("GET", `n${n}`))).toBeGreaterThanOrEqual(numbers.at(-1) ?? 0)
    }
  })

  it("of a server that is down at the start ends when it is up", async () => {
    await using server = await startRedis()
    await server.kill()
    const redis = rig.client({ url: server.url, commandTimeoutMs: 100 })
    const prewarm = failure(redis.prewarm())
    const first = await failure(redis.incr("n"))

    expect(first).toMatchObject({ name: "TimeoutError", fate: "unsent" })
    expect(first.message).toContain("ECONNREFUSED")
    expect(await prewarm).toBeInstanceOf(WarmpoolError)
    await server.restart()

    expect(await redis.with({ timeoutMs: 5_000 }).incr("n")).toBe(1)
  })

  it("of a server that is down goes on for as long as the caller waits", async () => {
    await using server = await startRedis()
    await server.kill()
    const redis = rig.client({ url: server.url, commandTimeoutMs: 10_000 })
    const retried = nextEvent(redis, "retry")
    const waiting = Promise.all([redis.incr("n"), redis.get("n"), redis.incr("n")])
    expect(await retried).toMatchObject({ what: "connect" })

    await server.restart()

    expect(await waiting).toEqual([1, "1", 2])
  })

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ["resets", (socket) => socket.resetAndDestroy(), /ECONNRESET|closed|lost/],
    ["ends", (socket) => socket.end(), /closed|lost|EPIPE|ECONNRESET/],
    [
      "resets at the first bytes",
      (socket) => socket.once("data", () => socket.resetAndDestroy()),
      /ECONNRESET|closed/,
    ],
    ["says nothing", () => undefined, /connect|sent|no reply/],
    ["speaks another protocol", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"), /./],
  ])("of a peer that %s has an error within the deadline", async (_what, onConnect, words) => {
    const url = await startPeer(onConnect)
    const redis = rig.client({ url: `${url}/1`, commandTimeoutMs: 150, acquireTimeoutMs: 150 })
    using pauses = new Pauses()
    const startedAt = performance.now()

    const errors = await Promise.all([
      failure(redis.incr("n")),
      failure(redis.get("n")),
      failure(redis.multi().incr("n").exec()),
      failure(redis.blpop("n", 0.01)),
      failure(redis.acquire()),
    ])

    expect(performance.now() - startedAt).toBeLessThan(150 + 300 + pauses.longestMs)
    for (const error of errors) {
      expect(error).toBeInstanceOf(WarmpoolError)
      expect(error).toMatchObject({ fate: "unsent", message: expect.stringMatching(words) })
    }
  })

  it("of the handshake is over with the next attempt", async () => {
    const redis = rig.client({ url: rig.proxy.url("redis://host/1"), commandTimeoutMs: 5_000 })
    const { struck } = rig.proxy.dropReply({ command: "select", and: "reset" })

    expect(await redis.incr("n")).toBe(1)

    await struck
    expect(await redis.incr("n")).toBe(2)
  })

  it("of the handshake by silence is over with the next attempt", async () => {
    const redis = rig.client({
      url: rig.proxy.url("redis://host/1"),
      commandTimeoutMs: 5_000,
      connectTimeoutMs: 50,
    })
    const { struck } = rig.proxy.dropReply({ command: "select" })

    expect(await redis.incr("n")).toBe(1)

    await struck
  })

  it("of connections that are accepted and silent is told at the deadline and over when they answer", async () => {
    rig.proxy.silence({ newConnections: "silent" })
    const redis = rig.client({ commandTimeoutMs: 200, connectTimeoutMs: 50 })
    const early = await failure(redis.incr("n"))
    expect(["ERR_TIMEOUT", "ERR_OUTCOME_UNKNOWN"]).toContain(Reflect.get(early, "code"))

    const evicted = nextEvent(redis, "evict")
    await rig.proxy.heal()
    await evicted

    expect(await redis.with({ timeoutMs: 5_000 }).incr("m")).toBe(1)
    expect(await redis.get("n")).toBeNull()
  })

  it("brings no storm of connections: a hundred waiting callers share each attempt", async () => {
    rig.proxy.refuse()
    const redis = rig.client({ commandTimeoutMs: 5_000 })
    const retried = nextEvent(redis, "retry")
    const waiting = Promise.all(Array.from({ length: 100 }, (_, n) => redis.set(`k${n}`, n)))
    await retried
    const { connections } = rig.proxy.counts

    await rig.proxy.accept()
    await waiting

    expect(rig.proxy.counts.connections).toBe(connections + 1)
  })
})
