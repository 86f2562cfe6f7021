import { get, type IncomingMessage } from "node:http"
import { connect } from "node:net"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { startAll, startGateway } from "./rig.ts"

const NOT_RUN = "warmpool-not-run"

describe("a killed redis-server", () => {
  it("is answered with 503 that says that nothing was run, and recovers without a restart", async () => {
    await using rig = await startAll({ client: { commandTimeoutMs: 300 } })
    await rig.post("/", ["SET", "k", 1])
    await rig.server.kill()

    for (const [path, body] of [
      ["/", ["INCR", "k"]],
      [
        "/pipeline",
        [
          ["INCR", "k"],
          ["GET", "k"],
        ],
      ],
      ["/multi-exec", [["INCR", "k"]]],
      ["/subscribe/c", []],
    ] as const) {
      const { status, headers, json } = await rig.post(path, body)
      expect(status, path).toBe(503)
      expect(headers.get(NOT_RUN), path).toBe("1")
      expect(headers.get("retry-after"), path).toBe("1")
      expect(json).toEqual({ error: expect.stringMatching(/^ERR .*nothing was run/) })
    }

    await rig.server.restart()
    await expect.poll(async () => (await rig.post("/", ["INCR", "k"])).json).toEqual({ result: 1 })
  })

  it("never shows where it was", async () => {
    await using rig = await startAll({ client: { commandTimeoutMs: 200 } })
    await rig.server.kill()

    const { text } = await rig.post("/pipeline", [["GET", "planted-key"]])

    expect(text).not.toContain(String(rig.server.port))
    expect(text).not.toContain("planted")
  })
})

describe("a reply that is lost", () => {
  it("of a write is answered with 502, and does not say that nothing was run", async () => {
    await using redis = await startRedis()
    await using faults = await startFaultProxy({ target: redis })
    await using rig = await startGateway({ url: faults.url() })
    faults.dropReply({ command: "incr", and: "cut" })

    const { status, headers, json } = await rig.post("/", ["INCR", "k"])

    expect(status).toBe(502)
    expect(headers.get(NOT_RUN)).toBeNull()
    expect(json).toEqual({ error: expect.stringContaining("may have run") })
    expect(await redis.command("GET", "k")).toBe("1")
  })

  it("that only is late is answered with 504", async () => {
    await using redis = await startRedis()
    await using faults = await startFaultProxy({ target: redis })
    await using rig = await startGateway({ url: faults.url(), client: { commandTimeoutMs: 200 } })
    faults.dropReply({ command: "incr", and: "silence" })

    const { status, headers } = await rig.post("/", ["INCR", "k"])

    expect(status).toBe(504)
    expect(headers.get(NOT_RUN)).toBeNull()
  })

  it("amid a pipeline leaves the others theirs, and headers say which may have run", async () => {
    await using redis = await startRedis()
    await using faults = await startFaultProxy({ target: redis })
    await using rig = await startGateway({ url: faults.url() })
    faults.dropReply({ command: "incr", nth: 2, and: "cut" })

    const { status, headers, json } = await rig.post("/pipeline", [
      ["SET", "a", 1],
      ["INCR", "a"],
      ["INCR", "b"],
      ["INCR", "c"],
      ["INCR", "d"],
      ["GET", "a"],
    ])

    expect(status).toBe(200)
    expect(headers.get("warmpool-unknown")).toBe("2-4")
    expect(headers.get(NOT_RUN)).toBeNull()
    const lost = { error: expect.stringContaining("may have run") }
    expect(json).toEqual([{ result: "OK" }, { result: 2 }, lost, lost, lost, { result: "2" }])
  })
})

it("a reply that is lost amid a long pipeline leaves an answer that clients can read", async () => {
  await using redis = await startRedis()
  await using faults = await startFaultProxy({ target: redis })
  await using rig = await startGateway({ url: faults.url(), client: { commandTimeoutMs: 10_000 } })
  const count = 8_000
  const commands = Array.from({ length: count }, (_, n) => (n % 2 === 0 ? ["GET", "k"] : ["INCR", `n${n}`]))
  faults.dropReply({ command: "incr", nth: 2, and: "cut" })

  const { status, headers, json } = await rig.post("/pipeline", [
    ["INCR", "first"],
    ["LPUSH", "first"],
    ...commands,
  ])

  expect(status).toBe(200)
  expect(headers.get("warmpool-unknown")).toBe(`3-${count + 1}`)
  const replies = json as { readonly result?: unknown; readonly error?: string }[]
  expect(replies.slice(0, 3)).toEqual([
    { result: 1 },
    { error: expect.stringContaining("wrong number") },
    { result: null },
  ])
  expect(replies.filter(({ error }) => error?.includes("may have run"))).toHaveLength(count / 2)
  expect(replies.filter(({ result }) => result === null)).toHaveLength(count / 2)
})

describe("overload", () => {
  it("is answered with 503 that says that nothing was run, and ends with it", async () => {
    await using rig = await startAll({ maxConcurrent: 2, client: { commandTimeoutMs: 5_000 } })
    await rig.server.pause()
    const stuck = [rig.post("/", ["INCR", "k"]), rig.post("/", ["INCR", "k"])]
    await expect.poll(async () => (await rig.post("/", ["INCR", "k"])).status).toBe(503)

    const refused = await rig.post("/", ["INCR", "k"])
    rig.server.resume()

    expect(refused.headers.get(NOT_RUN)).toBe("1")
    expect(refused.headers.get("retry-after")).toBe("1")
    const statuses = (await Promise.all(stuck)).map(({ status }) => status)
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true)
    const ran = statuses.filter((status) => status === 200).length
    expect((await rig.post("/", ["GET", "k"])).json).toEqual({ result: String(ran) })
  })

  it("of bodies under way is answered with 503, and ends with them", async () => {
    await using rig = await startAll({ maxBodyBytes: 1_000_000, maxBufferedBytes: 1_000_000 })
    const head = "POST /set/slow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-token-that-may-do-all\r\n"
    let heard = ""
    const begin = () => {
      const slow = connect({ host: "127.0.0.1", port: rig.gateway.port })
      slow.on("error", () => undefined)
      slow.on("data", (part) => {
        heard += part
      })
      slow.write(`${head}Content-Length: 1000000\r\n\r\n${"x".repeat(600_000)}`)
      return slow
    }

    // There is room for one of them.
    const slow = [begin(), begin()]
    await expect.poll(() => heard).toMatch(/nothing was run: try again"\}$/)
    const small = await rig.post("/", ["SET", "small", 1])
    for (const socket of slow) socket.destroy()

    expect(heard.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(heard).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\nwarmpool-not-run: 1\r\n/s)
    expect(small.json).toEqual({ result: "OK" })
    const set = () => rig.send("/set/k", { method: "POST", body: "x".repeat(1_000_000) })
    await expect.poll(async () => (await set()).json).toEqual({ result: "OK" })
    expect(await rig.server.command("EXISTS", "slow")).toBe(0)
  })

  it("of event streams is answered with 503", async () => {
    await using rig = await startAll({ maxStreams: 0 })

    expect((await rig.send("/subscribe/c")).status).toBe(503)
  })

  it("of MONITOR leaves subscriptions a connection, and ends with it", async () => {
    await using rig = await startAll({ client: { max: 4 } })
    const open = async (path: string) => {
      const away = new AbortController()
      const headers = { authorization: "Bearer a-token-that-may-do-all" }
      const { status } = await fetch(`${rig.gateway.url}${path}`, { headers, signal: away.signal })
      return { status, leave: () => away.abort() }
    }

    const monitors = [await open("/monitor"), await open("/monitor"), await open("/monitor")]
    const subscription = await open("/subscribe/c")
    monitors[0]?.leave()

    expect(monitors.map(({ status }) => status)).toEqual([200, 200, 503])
    expect(subscription.status).toBe(200)
    const again = async () => {
      const { status, leave } = await open("/monitor")
      leave()
      return status
    }
    await expect.poll(again).toBe(200)
    monitors[1]?.leave()
    subscription.leave()
  })
})

describe("drain", () => {
  it("loses no request that was accepted", async () => {
    await using redis = await startRedis()
    const rig = await startGateway({ url: redis.url, drainGraceMs: 200 })
    let answered = 0
    let draining = false
    const caller = async () => {
      for (;;) {
        const outcome = await rig.post("/", ["INCR", "n"]).catch((error: Error) => error)
        if (outcome instanceof Error) {
          // Nobody listens any more; what the kernel had not handed over yet is reset.
          expect(draining).toBe(true)
          return
        }
        expect(outcome.status).toBe(200)
        answered += 1
      }
    }
    const callers = Array.from({ length: 8 }, caller)
    await expect.poll(() => answered, { timeout: 10_000 }).toBeGreaterThan(50)

    draining = true
    await rig.gateway.drain()
    await Promise.all(callers)

    // Whatever reached Redis was answered.
    expect(await redis.command("GET", "n")).toBe(String(answered))
    await rig.redis.close()
  })

  it("answers what is under way before it closes", async () => {
    await using rig = await startAll({ client: { commandTimeoutMs: 5_000 } })
    await rig.server.pause()
    const waiting = rig.post("/", ["SET", "k", "v"])
    const arrived = () => rig.redis.stats().connecting + rig.redis.stats().shared > 0
    await expect.poll(arrived).toBe(true)

    const drained = rig.gateway.drain()
    rig.server.resume()

    expect((await waiting).json).toEqual({ result: "OK" })
    await drained
  })

  it("cuts off no answer that its client is still taking", async () => {
    await using rig = await startAll({ client: { commandTimeoutMs: 10_000 } })
    const size = 12_000_000
    await rig.server.command("SET", "large", "x".repeat(size))
    const headers = { authorization: "Bearer a-token-that-may-do-all" }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${rig.gateway.url}/get/large`, { headers }, resolve).on("error", reject)
    })

    const drained = rig.gateway.drain()
    // The second piece is asked for once the drain has looked for connections on which nothing happens.
    await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 20)))
    let taken = 0
    for await (const part of answer) taken += part.length
    await drained

    expect(answer.statusCode).toBe(200)
    expect(taken).toBe(size + '{"result":""}'.length)
  })

  it("ends event streams, and gives their connections back", async () => {
    await using rig = await startAll()
    const response = await fetch(`${rig.gateway.url}/subscribe/c`, {
      headers: { authorization: "Bearer a-token-that-may-do-all" },
    })

    await rig.gateway.drain()

    expect(await response.text()).toBe("data: subscribe,c,1\n\n")
    await expect.poll(() => rig.redis.stats().leased).toBe(0)
  })

  it("is seen at /healthz first", async () => {
    await using rig = await startAll({ health: true, drainGraceMs: 1_000 })
    const before = await rig.send("/healthz")

    const drained = rig.gateway.drain()
    const during = await rig.send("/healthz")
    await drained

    expect(before).toMatchObject({ status: 200, json: { status: "ok" } })
    expect(during).toMatchObject({ status: 503, json: { status: "draining" } })
    expect(during.headers.get("connection")).toBe("close")
  })
})
