import { createServer } from "node:net"
import { inspect } from "node:util"
import { defaultHost, fateOf, OutcomeUnknownError, ReplyError, TimeoutError } from "@warmpool/core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { answer, type Fault, startUpstash, UpstashServer } from "./upstash-server.fixture.ts"
import { connect, ways } from "./ways.fixture.ts"

let server: UpstashServer
beforeAll(async () => {
  server = await startUpstash()
})
afterEach(() => server.reset())
afterAll(() => server.close())

const json = { "content-type": "application/json" }

/** Answers with a status, and runs nothing. */
const status =
  (code: number, headers: Record<string, string> = {}, body = `{"error":"ERR busy"}`): Fault =>
  (response) =>
    response.writeHead(code, { ...json, ...headers }).end(body)

/** Runs the request, and then answers in this way instead. */
const ranBut =
  (act: (response: Parameters<Fault>[0]) => void): Fault =>
  async (response, run) => {
    await run()
    act(response)
  }

/** What may happen to an answer whose request ran. */
const losses: readonly { readonly what: string; readonly fault: Fault }[] = [
  { what: "the connection ends before it", fault: ranBut((response) => response.destroy()) },
  {
    what: "the connection ends within it",
    fault: ranBut((response) => {
      response.writeHead(200, { ...json, "content-length": "100" }).write(`{"result":`)
      setImmediate(() => response.destroy())
    }),
  },
  { what: "it is no JSON", fault: ranBut((response) => response.writeHead(200, json).end("<html>")) },
  { what: "it is other JSON", fault: ranBut((response) => response.writeHead(200, json).end("[1]")) },
  { what: "it is empty", fault: ranBut((response) => response.writeHead(200, json).end()) },
  {
    what: "it is garbled RESP2",
    fault: ranBut((response) =>
      response.writeHead(200, { "content-type": "application/octet-stream" }).end("$5\r\nab"),
    ),
  },
  { what: "a stranger answers 503", fault: ranBut((response) => response.writeHead(503, json).end("{}")) },
  { what: "a proxy answers 502", fault: ranBut((response) => response.writeHead(502).end("<html>")) },
  { what: "a proxy answers 504", fault: ranBut((response) => response.writeHead(504).end("<html>")) },
  { what: "a proxy answers 408", fault: ranBut((response) => response.writeHead(408).end("<html>")) },
  {
    what: "it leads elsewhere",
    fault: ranBut((response) => response.writeHead(307, { location: "/elsewhere" }).end()),
  },
]

describe.each(ways)("fates over $name", (way) => {
  let redis: ReturnType<typeof connect>
  beforeEach(() => {
    redis = connect(way.open(server.url))
  })
  afterEach(() => redis.close())

  it.each(losses)(
    "are unknown for a write, which runs once, and a read is sent again, where $what",
    async ({ fault }) => {
      await redis.set("k", "v")
      server.faults.push(fault)
      const incr = redis.incr("n")
      await expect(incr).rejects.toThrow(OutcomeUnknownError)
      server.faults.push(fault)

      expect(await redis.get("k")).toBe("v")
      expect(fateOf(incr)).toBe("unknown")
      expect(await redis.get("n")).toBe("1")
      expect(server.seen.some(({ path }) => path === "/elsewhere")).toBe(false)
    },
  )

  it.each([
    ["503 from a gateway that ran nothing", status(503, { "warmpool-not-run": "1" })],
    ["such a 503 for an hour", status(503, { "warmpool-not-run": "1", "retry-after": "3600" })],
    ["429", status(429)],
    ["429 with Retry-After", status(429, { "retry-after": "0.01" })],
    ["429 with a date", status(429, { "retry-after": new Date(Date.now() - 1_000).toUTCString() })],
  ])("are refused with %s: tried again, and run once", async (_what, fault) => {
    server.faults.push(fault, fault)

    expect(await redis.incr("n")).toBe(1)
    expect(server.seen).toHaveLength(3)
  })

  it("fail at once with a refusal that lasts longer than the deadline", async () => {
    server.faults.push(status(429, { "retry-after": "3600" }))

    const incr = redis.incr("n")

    await expect(incr).rejects.toMatchObject({ fate: "refused" })
    expect(server.seen).toHaveLength(1)
  })

  it("are those that a gateway tells of single commands", async () => {
    server.faults.push(async (response, run) => {
      const { body } = await run()
      const items = JSON.parse(body.toString())
      items[1] = { error: "ERR lost" }
      items[2] = { error: "ERR lost" }
      response.writeHead(200, {
        ...json,
        "warmpool-gateway": "resp2",
        "warmpool-unknown": "1",
        "warmpool-unsent": "2-3",
      })
      response.end(JSON.stringify(items))
    })
    const plain = connect((ways[2] ?? expect.fail()).open(server.url))

    const [set, incr, get] = await Promise.allSettled([plain.set("k", "v"), plain.incr("n"), plain.get("k")])

    expect(set).toMatchObject({ value: "OK" })
    expect(incr).toMatchObject({ reason: expect.any(OutcomeUnknownError) })
    expect(get).toMatchObject({ value: "v" })
    expect(server.seen).toHaveLength(2)
    await plain.close()
  })

  it("of a write that found no server of that name are unsent where the runtime tells, and else unknown", async () => {
    const nowhere = connect(way.open("http://nowhere.invalid"), { commandTimeoutMs: 60_000 })
    const retried = new Promise<string>((resolve) => nowhere.on("retry", () => resolve("unsent")))
    const incr = nowhere.incr("n")
    const failed = incr.catch(() => fateOf(incr))

    expect(await Promise.race([retried, failed])).toBe(way.tells === "unsent" ? "unsent" : "unknown")
    await nowhere.close()
    await expect(incr).rejects.toThrow()
  })

  it("of a write that found nobody end well once somebody listens, where the runtime tells", async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve))
    const { port } = free.address() as { port: number }
    await new Promise((resolve) => free.close(resolve))
    const late = connect(way.open(`http://127.0.0.1:${port}`))
    const { promise: retried, resolve: retry } = Promise.withResolvers<unknown>()
    late.on("retry", retry)
    const incr = late.incr("n")
    const settled = incr.catch(() => "failed")
    await Promise.race([retried, settled])
    const other = new UpstashServer(server.redis)
    await other.listen(port)

    expect(await settled).toBe(way.tells === "unsent" ? 1 : "failed")
    await late.close()
    await other.stop()
  })

  it("of an answer that is no HTTP show none of its bytes", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", () => socket.end("HTTP/1.1 OK planted-reply\r\n\r\n"))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { port: number }
    const client = connect(way.open(`http://127.0.0.1:${port}`))

    const error = await client.incr("n").catch((reason: unknown) => reason)

    const shown = inspect(error, { depth: 9, showHidden: true })
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(shown).not.toContain("planted-reply")
    expect(shown).not.toContain(inspect(Buffer.from("HTTP/1.1 OK")).slice(8, -1))
    await client.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it("of a refused token are those of a wrong password, and never show it", async () => {
    server.faults.push(status(401, {}, `{"error":"Unauthorized"}`), status(403, {}, "<html>"))

    for (const command of [redis.get("k"), redis.incr("n")]) {
      await expect(command).rejects.toThrow(ReplyError)
      await expect(command).rejects.toMatchObject({
        kind: "WRONGPASS",
        message: expect.stringMatching(/check the option token$/),
      })
    }
  })

  it("of a forbidden command are the server's own words", async () => {
    server.faults.push(
      status(403, {}, `{"error":"NOPERM this user has no permissions to run the 'set' command"}`),
    )

    await expect(redis.set("k", "v")).rejects.toMatchObject({ kind: "NOPERM" })
  })

  it.each([
    [400, `{"error":"ERR max number of commands exceeded"}`, "ERR max number of commands exceeded"],
    [
      400,
      `{"error":"ERR unknown command 'x', with args beginning with: 'planted'"}`,
      "ERR unknown command 'x'",
    ],
    [405, `{"error":"ERR method"}`, "ERR method"],
    [413, `{"error":"ERR max request size exceeded"}`, "ERR max request size exceeded"],
    [413, "<html>", "ERR HTTP 413"],
    [404, "Not found", "ERR HTTP 404"],
  ])("of a refused request are a reply: %i %s", async (code, body, message) => {
    server.faults.push(status(code, {}, body), status(code, {}, body))
    const failed = { status: "rejected", reason: expect.objectContaining({ name: "ReplyError", message }) }

    expect(await Promise.allSettled([redis.set("k", "v"), redis.set("l", "v")])).toEqual([failed, failed])
    await expect(redis.multi().set("k", "v").exec()).rejects.toThrow(message)
    expect(server.seen).toHaveLength(2)
  })

  it("of what is aborted before, during and after sending", async () => {
    await redis.get("k")
    const before = AbortSignal.abort(new Error("before"))
    const during = new AbortController()
    const after = new AbortController()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    server.faults.push(async (response, run) => {
      response.on("close", close)
      await run()
      arrive()
    })

    const first = redis.with({ signal: before }).incr("a")
    const second = redis.with({ signal: during.signal }).incr("b")
    await arrived
    during.abort(new Error("during"))
    await expect(second).rejects.toThrow("during")
    await closed
    const third = redis.with({ signal: after.signal }).incr("c")
    await third
    after.abort(new Error("after"))

    await expect(first).rejects.toThrow("before")
    expect([fateOf(first), fateOf(second), await third]).toEqual(["unsent", "unknown", 1])
    expect(await redis.mget("a", "b", "c")).toEqual([null, "1", "1"])
  })

  it("of a write after a silence do not hang on a connection that died in it", async () => {
    let passedMs = 0
    const host = { ...defaultHost, now: () => Date.now() + passedMs }
    const idle = connect(way.open(server.url), { host })
    await idle.incr("n")
    await defaultHost.turn()
    passedMs = 10_000
    server.faults.push((response) => response.destroy())

    expect(await idle.incr("n")).toBe(2)
    expect(server.seen.map(({ body }) => JSON.parse(body)[0])).toEqual(["INCR", "PING", "PING", "INCR"])
    await idle.close()
  })

  it("of a write after a silence are good on a server that is further away than validateTimeoutMs", async () => {
    let passedMs = 0
    const host = { ...defaultHost, now: () => Date.now() + passedMs }
    const idle = connect(way.open(server.url), { host, validateTimeoutMs: 20, commandTimeoutMs: 3_000 })
    await idle.incr("n")
    await defaultHost.turn()
    passedMs = 10_000
    const far: Fault = async (response, run) => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      await answer(response, run)
    }
    server.faults.push(...Array<Fault>(30).fill(far))

    expect(await idle.incr("n")).toBe(2)
    await idle.close()
  })

  it("of a transaction with fewer replies than commands are unknown", async () => {
    server.faults.push((response) => response.writeHead(200, json).end(`[{"result":"T0s="}]`))

    await expect(redis.multi().set("a", 1).incr("b").exec()).rejects.toThrow(OutcomeUnknownError)
  })

  it("of what a slow server is asked are late, and no worse", async () => {
    const hasty = connect(way.open(server.url), { commandTimeoutMs: 50 })
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    server.faults.push((response) => {
      response.on("close", ask)
    })

    const get = hasty.get("k")

    await expect(get).rejects.toThrow(TimeoutError)
    await asked
    expect(await hasty.with({ timeoutMs: 10_000 }).get("k")).toBeNull()
    await hasty.close()
  })

  it("settle what is owed when the client closes", async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    server.faults.push(() => arrive())
    const incr = redis.incr("n")
    await arrived

    await redis.close()

    await expect(incr).rejects.toThrow(OutcomeUnknownError)
  })

  it("let a client drain", async () => {
    const incr = redis.incr("n")

    await redis.drain()

    expect(await incr).toBe(1)
    await expect(redis.get("k")).rejects.toThrow("drain")
  })
})

describe("an answer", () => {
  it("that a fault does not touch is whole", async () => {
    const redis = connect((ways[0] ?? expect.fail()).open(server.url))
    server.faults.push(answer)

    expect(await redis.echo("x")).toBe("x")
    await redis.close()
  })
})
