import { pbkdf2 } from "node:crypto"
import { writeFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { createRedis } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import { startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { describe, expect, it } from "vitest"
import { startAll, startGateway, TOKEN } from "./rig.ts"

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** What a connection hears until the other side closes it. */
function hear(port: number, ...pieces: string[]): Promise<string> {
  return new Promise((resolve) => {
    let heard = ""
    const socket = connect({ host: "127.0.0.1", port })
    socket.on("data", (part) => {
      heard += part.toString()
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(heard))
    for (const piece of pieces) socket.write(piece)
  })
}

describe("a slow client", () => {
  it("whose headers do not come is cut off", async () => {
    await using rig = await startAll({ headersTimeoutMs: 100 })

    expect(await hear(rig.gateway.port, "GET / HTTP/1.1\r\n")).toMatch(/^HTTP\/1\.1 408 |^$/)
  })

  it("whose body does not come is cut off, and nothing was run", async () => {
    await using rig = await startAll({ headersTimeoutMs: 100, requestTimeoutMs: 200 })
    const head = `POST /set/k HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 10\r\n\r\n`

    expect(await hear(rig.gateway.port, head, "123")).toMatch(/^HTTP\/1\.1 408 |^$/)
    expect(await rig.server.command("EXISTS", "k")).toBe(0)
  })

  it("that does not read its answer is cut off", async () => {
    await using rig = await startAll({ responseTimeoutMs: 200, drainTimeoutMs: 600_000 })
    await rig.server.command("SET", "large", "x".repeat(8_000_000))
    const socket = connect({ host: "127.0.0.1", port: rig.gateway.port })
    const gone = new Promise((resolve) => socket.on("close", resolve))
    socket.on("error", () => undefined)
    socket.pause()

    for (let n = 0; n < 4; n++)
      socket.write(`GET /get/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
    await expect.poll(() => rig.redis.stats().shared).toBe(1)

    // It drains only when no connection is left: this one is, until it is cut off.
    await rig.gateway.drain()
    socket.resume()
    await gone
  })

  it("is cut off too where its answer had to wait for the one before", async () => {
    await using rig = await startAll({
      responseTimeoutMs: 200,
      drainTimeoutMs: 600_000,
      tokens: [{ token: TOKEN, commands: ["*", "blpop"] }],
      client: { commandTimeoutMs: 10_000 },
    })
    await rig.server.command("SET", "large", "x".repeat(12_000_000))
    const socket = connect({ host: "127.0.0.1", port: rig.gateway.port })
    socket.on("error", () => undefined)
    socket.pause()
    for (const path of ["/blpop/list/0", "/get/large"])
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
    const seen = async () => (await rig.server.clients()).map(({ cmd }) => cmd)
    await expect.poll(seen).toEqual(expect.arrayContaining(["blpop", "get"]))
    await rig.post("/", ["PING"])

    await rig.server.command("RPUSH", "list", "v")
    await expect.poll(() => rig.redis.stats().leased).toBe(0)

    // It drains only when no connection is left: this one is, until it is cut off.
    await rig.gateway.drain()
    socket.destroy()
  })

  it("of an event stream is cut off, so that it notices what it missed", async () => {
    await using rig = await startAll()
    const socket = connect({ host: "127.0.0.1", port: rig.gateway.port })
    socket.on("error", () => undefined)
    socket.write(`GET /subscribe/c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
    const subscribers = async () =>
      Number(((await rig.server.command("PUBSUB", "NUMSUB", "c")) as unknown[])[1])
    await expect.poll(subscribers).toBe(1)
    socket.pause()

    const message = "x".repeat(500_000)
    await expect
      .poll(
        async () => {
          await rig.server.command("PUBLISH", "c", message)
          return subscribers()
        },
        { timeout: 15_000 },
      )
      .toBe(0)
    socket.destroy()
  })
})

/** What a stream says until it has said `last`. */
async function readUntil(response: Response, last: string): Promise<string> {
  const decoder = new TextDecoder()
  let heard = ""
  for await (const part of response.body ?? []) {
    heard += decoder.decode(part, { stream: true })
    if (heard.includes(last)) break
  }
  return heard
}

describe("an event stream", () => {
  it("ends with its client, and its connection is given back", async () => {
    await using rig = await startAll()
    const abort = new AbortController()
    const stream = await fetch(`${rig.gateway.url}/subscribe/c`, { ...bearer(TOKEN), signal: abort.signal })
    const channels = () => rig.server.command("PUBSUB", "CHANNELS")
    expect(stream.headers.get("content-type")).toBe("text/event-stream")
    expect(await channels()).toEqual(["c"])

    abort.abort()

    await expect.poll(channels).toEqual([])
    await expect(stream.text()).rejects.toThrow()
  })

  it("keeps line ends of a message inside its event", async () => {
    await using rig = await startAll()
    const stream = await fetch(`${rig.gateway.url}/subscribe/c`, bearer(TOKEN))
    await rig.server.command("PUBLISH", "c", "one\ndata: message,c,forged\r\n\r\nevent: x")

    const heard = await readUntil(stream, "event: x\n\n")

    expect(heard).toBe(
      "data: subscribe,c,1\n\ndata: message,c,one\ndata: data: message,c,forged\ndata: \ndata: event: x\n\n",
    )
  })

  it("of MONITOR tells what the server runs", async () => {
    await using rig = await startAll()
    const stream = await fetch(`${rig.gateway.url}/monitor`, { method: "POST", ...bearer(TOKEN) })
    await rig.server.command("SET", "k", "a\r\nb")

    const [first, second] = (await readUntil(stream, "SET")).split("\n\n")
    expect(first).toBe('data: "OK"')
    expect(second).toMatch(/^data: \d+\.\d+ \[0 127\.0\.0\.1:\d+\] "SET" "k" "a\\r\\nb"$/)
    await expect.poll(() => rig.redis.stats()).toMatchObject({ leased: 0, idle: 0 })
  })
})

describe("tokens in a file", () => {
  it("count from the moment it changes; a wrong file changes nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-tokens-"))
    const file = join(folder, "tokens")
    await writeFile(file, "token-of-yesterday")
    const errors: unknown[] = []
    const rig = await startAll({ tokensFile: file, onError: (error) => errors.push(error) })
    const status = async (token: string) => (await rig.send("/ping", bearer(token))).status
    expect(await status("token-of-yesterday")).toBe(200)

    await writeFile(file, '[{"token":"token-of-today"}]')
    await expect.poll(() => status("token-of-today"), { timeout: 10_000 }).toBe(200)
    expect(await status("token-of-yesterday")).toBe(401)

    await writeFile(file, "[{")
    await expect.poll(() => errors.length, { timeout: 10_000 }).toBe(1)
    expect(await status("token-of-today")).toBe(200)
    await rig[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  it("that changes while the gateway starts counts as well", async () => {
    await using server = await startRedis()
    const folder = await mkdtemp(join(tmpdir(), "warmpool-tokens-"))
    const file = join(folder, "tokens")
    writeFileSync(file, "token-of-yesterday")
    // Until these are done, nobody in this process is told anything of a file.
    const busy = Array.from({ length: 8 }, () => promisify(pbkdf2)("x", "y", 100_000, 64, "sha512"))
    const rig = await startGateway({ url: server.url, tokensFile: file })
    writeFileSync(file, "token-of-today")
    await Promise.all(busy)

    const status = async () => (await rig.send("/ping", bearer("token-of-today"))).status
    await expect.poll(status, { timeout: 10_000 }).toBe(200)
    await rig[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  it("that is not there is said at once", async () => {
    const redis = createRedis({ transport: socketTransport({ host: "127.0.0.1" }) })

    await expect(serveGateway({ redis, tokensFile: "/nowhere/tokens" })).rejects.toThrow(
      "serveGateway: tokensFile can't be read: ENOENT",
    )
  })
})

describe("tokens of ACL users", () => {
  it("run as their user, and their clients close when no token names them", async () => {
    await using server = await startRedis()
    await server.command(
      "ACL",
      "SETUSER",
      "reader",
      "on",
      ">of the reader",
      "~pub:*",
      "+@read",
      "+@connection",
    )
    await using rig = await startGateway({
      url: server.url,
      tokens: [
        { token: TOKEN },
        { token: "token-of-reader", user: { username: "reader", password: "of the reader" } },
      ],
      openRedis: ({ username, password }) =>
        createRedis({ transport: socketTransport({ url: server.url, username, password }) }),
    })
    await rig.post("/", ["SET", "pub:k", "v"])
    const reading = bearer("token-of-reader")

    expect((await rig.send("/get/pub:k", reading)).json).toEqual({ result: "v" })
    expect((await rig.send("/get/private", reading)).json).toEqual({
      error: expect.stringMatching(/^NOPERM/),
    })
    expect((await rig.send("/set/pub:k/x", reading)).status).toBe(400)
    const users = async () => (await server.clients()).map(({ user }) => user).sort()
    expect(await users()).toEqual(["default", "reader"])

    await rig.gateway.replaceTokens(TOKEN)

    await expect.poll(users).toEqual(["default"])
    expect((await rig.send("/get/pub:k", reading)).status).toBe(401)
  })

  it("need something that opens their client", async () => {
    await expect(
      startGateway({
        url: "redis://127.0.0.1:1",
        tokens: [{ token: TOKEN, user: { username: "u", password: "p" } }],
      }),
    ).rejects.toThrow("a token has a user: pass openRedis")
  })
})

describe("a request as for a proxy", () => {
  it("is answered as any other", async () => {
    await using rig = await startAll()
    const bearing = `Authorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`

    const answer = await hear(
      rig.gateway.port,
      `GET http://x.example/echo/hello HTTP/1.1\r\nHost: x\r\n${bearing}`,
    )

    expect(answer).toMatch(/\{"result":"hello"\}$/)
  })
})

describe("pages of its own", () => {
  it("are commands where nobody asked for them", async () => {
    await using rig = await startAll()

    expect((await rig.send("/healthz")).json).toEqual({ error: "ERR unknown command 'healthz'" })
  })

  it("give metrics to full tokens", async () => {
    await using rig = await startAll({
      metrics: "token",
      tokens: [{ token: TOKEN }, { token: "a-token-that-reads", access: "read-only" }],
    })
    await rig.post("/pipeline", [
      ["GET", "a"],
      ["GET", "b"],
    ])
    await rig.send("/get/k", bearer("wrong-token"))

    const { text, headers } = await rig.send("/metrics")

    expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toContain('warmpool_gateway_requests_total{status="200"} 1\n')
    expect(text).toContain('warmpool_gateway_requests_total{status="401"} 1\n')
    expect(text).toContain("warmpool_gateway_commands_total 2\n")
    expect(text).toContain("warmpool_gateway_request_seconds_count 2\n")
    expect(text).toContain('warmpool_gateway_pool{state="shared"} 1\n')
    expect(
      text.split("\n").every((line) => /^$|^# TYPE \S+ \w+$|^[a-z_]+(\{[^}]*\})? [\d.e+-]+$/.test(line)),
    ).toBe(true)
    expect((await rig.send("/metrics", bearer("a-token-that-reads"))).status).toBe(400)
    expect((await rig.send("/metrics", bearer("wrong-token"))).status).toBe(401)
  })

  it("give metrics to anybody where that was asked for", async () => {
    await using rig = await startAll({ metrics: "open" })

    expect((await fetch(`${rig.gateway.url}/metrics`)).status).toBe(200)
  })
})

describe("browsers and HEAD", () => {
  it("of allowed origins are answered, others are not", async () => {
    await using rig = await startAll({ cors: { origins: ["https://app.example"] } })
    const asks = (origin: string) => ({
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,upstash-telemetry-sdk,x-other",
      },
    })

    const allowed = await fetch(`${rig.gateway.url}/pipeline`, asks("https://app.example"))
    const refused = await fetch(`${rig.gateway.url}/pipeline`, asks("https://other.example"))

    expect(allowed.status).toBe(204)
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example")
    expect(allowed.headers.get("access-control-allow-headers")).toMatch(
      /authorization.*upstash-telemetry-sdk$/,
    )
    expect(allowed.headers.get("access-control-allow-headers")?.split(", ")).toEqual(
      // The last one is what `@upstash/redis` subscribes with.
      expect.arrayContaining(["warmpool-arguments", "cache-control"]),
    )
    expect(refused.status).toBe(403)
    const { headers } = await rig.send("/ping", { headers: { origin: "https://app.example" } })
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example")
    const other = await rig.send("/ping", { headers: { origin: "https://other.example" } })
    expect(other.headers.get("access-control-allow-origin")).toBeNull()
  })

  it("get HEAD answered where that was asked for", async () => {
    await using rig = await startAll({ head: true })

    const { status, text, headers } = await rig.send("/ping", { method: "HEAD" })

    expect({ status, text }).toEqual({ status: 200, text: "" })
    expect(headers.get("content-type")).toBe("application/json")
    expect(headers.get("content-length")).toBeNull()
  })
})

describe("wrong options", () => {
  it("are named", async () => {
    const redis = createRedis({ transport: socketTransport({ host: "127.0.0.1" }) })

    await expect(serveGateway({ redis, tokens: TOKEN, prot: 1 } as never)).rejects.toThrow(
      "serveGateway: unknown option prot: did you mean port?",
    )
    await expect(serveGateway({ redis })).rejects.toThrow("the option tokens is missing")
    await expect(serveGateway({ tokens: TOKEN } as never)).rejects.toThrow("the option redis is missing")
    await expect(serveGateway({ redis, tokens: TOKEN, tokensFile: "x" })).rejects.toThrow("contradict")
    await expect(serveGateway({ redis, tokens: TOKEN, maxBufferedBytes: 1_000 })).rejects.toThrow(
      "maxBufferedBytes is less than maxBodyBytes",
    )
    await expect(serveGateway({ redis, tokens: TOKEN, cors: {} as never })).rejects.toThrow(
      "cors: origins is missing",
    )
    for (const origin of [
      "https://a.example/",
      "https://a.example:443",
      "https://A.example",
      "a.example",
      "*",
    ])
      await expect(
        serveGateway({ redis, tokens: TOKEN, cors: { origins: [origin] } }),
        origin,
      ).rejects.toThrow("cors: origins takes")
  })

  it("such as a port that is taken are said at once", async () => {
    await using rig = await startAll()

    await expect(startGateway({ url: "redis://127.0.0.1:1", port: rig.gateway.port })).rejects.toThrow(
      /can't listen on 127\.0\.0\.1:\d+: EADDRINUSE/,
    )
  })
})
