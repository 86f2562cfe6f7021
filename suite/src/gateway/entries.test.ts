import { createRedis, type Redis } from "@warmpool/core"
import { createGateway } from "@warmpool/gateway"
import { type FunctionUrlEvent, gatewayHandler, streamingHandler } from "@warmpool/gateway/lambda"
import { type RedisServer, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { build } from "esbuild"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { deploy } from "../lambda/invoke.ts"
import { TOKEN } from "./rig.ts"

let server: RedisServer
let redis: Redis
beforeAll(async () => {
  server = await startRedis()
  redis = createRedis({ transport: socketTransport({ url: server.url }) })
})
afterEach(() => server.command("FLUSHALL"))
afterAll(async () => {
  await redis.close()
  await server.close()
})

describe("createGateway", () => {
  const ask = (path: string, init: RequestInit = {}) =>
    createGateway({ redis, tokens: TOKEN, maxBodyBytes: 1_000 }).fetch(
      new Request(`https://gateway.example${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
      }),
    )

  it("answers requests of the Web", async () => {
    const set = await ask("/set/k%00?EX=100", { method: "POST", body: Uint8Array.of(0xff, 0x0d, 0x0a) })
    const get = await ask("/pipeline", {
      method: "POST",
      body: JSON.stringify([
        ["GET", "k\0"],
        ["LPUSH", "k\0", 1],
      ]),
      headers: { "upstash-encoding": "base64" },
    })
    const raw = await ask("/get/k%00", { headers: { "upstash-response-format": "resp2" } })

    expect(await set.json()).toEqual({ result: "OK" })
    expect(await get.json()).toEqual([{ result: "/w0K" }, { error: expect.stringMatching(/^WRONGTYPE/) }])
    expect(new Uint8Array(await raw.arrayBuffer())).toEqual(
      Uint8Array.from([...Buffer.from("$3\r\n"), 0xff, 0x0d, 0x0a, 0x0d, 0x0a]),
    )
    expect(raw.headers.get("warmpool-gateway")).toBe("resp2")
  })

  it("encodes large replies", async () => {
    await server.command("SET", "k", "x".repeat(100_000))

    const answer = await ask("/get/k", { headers: { "upstash-encoding": "base64" } })

    expect(await answer.json()).toEqual({ result: btoa("x".repeat(100_000)) })
  })

  it("refuses wrong tokens and large bodies", async () => {
    expect((await ask("/get/k", { headers: { authorization: "Bearer wrong" } })).status).toBe(401)
    expect((await ask("/set/k", { method: "POST", body: "x".repeat(1_001) })).status).toBe(413)
  })

  it("answers 408 where a client goes away amid its body: nothing was run, and it is nobody's fault", async () => {
    const failures: unknown[] = []
    const gateway = createGateway({ redis, tokens: TOKEN, onError: (error) => failures.push(error) })
    const pieces = [Uint8Array.of(1)]
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.pop()
        if (piece) controller.enqueue(piece)
        else controller.error(new TypeError("terminated"))
      },
    })

    const lost = { method: "POST", body, duplex: "half" } as RequestInit
    const answer = await gateway.fetch(new Request(`https://x/set/k?_token=${TOKEN}`, lost))

    expect([answer.status, await answer.json()]).toEqual([
      408,
      { error: "ERR the request did not arrive whole" },
    ])
    expect(failures).toEqual([])
    expect(await server.command("EXISTS", "k")).toBe(0)
  })

  it("streams events until the reader goes away", async () => {
    const response = await ask("/subscribe/c")
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()
    await server.command("PUBLISH", "c", "hello")
    const second = await reader?.read()

    await reader?.cancel()

    expect([first?.value, second?.value]).toEqual(["data: subscribe,c,1\n\n", "data: message,c,hello\n\n"])
    await expect.poll(() => server.command("PUBSUB", "CHANNELS")).toEqual([])
  })

  it("opens no stream for somebody who has gone before", async () => {
    const gone = await ask("/subscribe/c", { signal: AbortSignal.abort() })

    expect([gone.status, gone.headers.get("warmpool-not-run")]).toEqual([503, expect.anything()])
    expect(await server.command("PUBSUB", "CHANNELS")).toEqual([])
  })

  it("ends its streams and finishes its requests when it drains", async () => {
    const gateway = createGateway({ redis, tokens: TOKEN })
    const response = await gateway.fetch(new Request(`https://x/subscribe/c?_token=${TOKEN}`))

    await gateway.drain()

    expect(await response.text()).toBe("data: subscribe,c,1\n\n")
    expect((await gateway.fetch(new Request(`https://x/subscribe/c?_token=${TOKEN}`))).status).toBe(503)
  })

  it("needs nothing of Node", async () => {
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: 'export { createGateway } from "@warmpool/gateway"',
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      logLevel: "silent",
    })

    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
    expect(imports.filter((path) => path.startsWith("node:"))).toEqual([])
    expect(outputFiles[0]?.text).not.toMatch(/\b(?:Buffer|process|setImmediate)\b[.(]/)
  })
})

const event = (method: string, path: string, body?: string): FunctionUrlEvent => {
  const [rawPath = "", rawQueryString = ""] = path.split("?")
  return {
    rawPath,
    rawQueryString,
    headers: { authorization: `Bearer ${TOKEN}` },
    body,
    isBase64Encoded: false,
    requestContext: { http: { method } },
  }
}

describe("the handler of a Function URL", () => {
  it("answers whole, bytes as base64", async () => {
    const handler = gatewayHandler({ redis, tokens: TOKEN })
    const bytes = { ...event("POST", "/set/k", "/w0K"), isBase64Encoded: true }
    const raw = event("GET", "/get/k")

    const set = await handler(bytes)
    const get = await handler({ ...raw, headers: { ...raw.headers, "upstash-response-format": "resp2" } })

    expect(set).toMatchObject({ statusCode: 200, body: '{"result":"OK"}', isBase64Encoded: false })
    expect(get).toMatchObject({ statusCode: 200, isBase64Encoded: true })
    expect(Buffer.from(get.body, "base64").toString("latin1")).toBe("$3\r\n\xff\r\n\r\n")
    expect(await handler(event("GET", "/set/é/v?EX=10"))).toMatchObject({ statusCode: 200 })
    expect(await server.command("TTL", "é")).toBe(10)
    expect(await handler({ ...event("GET", "/"), rawPath: "/set/why?/because" })).toMatchObject({
      statusCode: 200,
    })
    expect(await server.command("GET", "why?")).toBe("because")
    expect(await handler(event("GET", "/subscribe/c"))).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining("event streams need"),
    })
    await expect.poll(() => server.command("PUBSUB", "CHANNELS")).toEqual([])
  })

  it("serves on Lambda, within withRedis", async () => {
    const fixture = new URL("lambda.fixture.ts", import.meta.url).pathname.replace(/\.ts$/, ".buffered")
    await using deployed = await deploy(fixture, {
      redisUrl: server.url,
      concurrency: 1,
      env: { TOKENS: TOKEN },
    })

    const set = await deployed.invoke(event("POST", "/", '["SET","k","v"]'))
    const get = await deployed.invoke(event("POST", "/pipeline", '[["GET","k"],["INCR","n"]]'))

    expect(set.answer).toMatchObject({ statusCode: 200, body: '{"result":"OK"}' })
    expect(get.answer).toMatchObject({ statusCode: 200, body: '[{"result":"v"},{"result":1}]' })
  })

  it("streams on Lambda, an event stream until the invocation is nearly over", async () => {
    const fixture = new URL("lambda.fixture.ts", import.meta.url).pathname.replace(/\.ts$/, ".streaming")
    await using deployed = await deploy(fixture, {
      redisUrl: server.url,
      concurrency: 1,
      timeoutMs: 2_000,
      env: { TOKENS: TOKEN },
    })

    const set = await deployed.invoke(event("POST", "/", '["SET","k","v"]'))
    const events = await deployed.invoke(event("GET", "/subscribe/c"))

    expect(set.text).toMatch(/"statusCode":200/)
    expect(set.text).toContain('{"result":"OK"}')
    expect(events.functionError).toBeUndefined()
    expect(events.text).toContain("data: subscribe,c,1\n\n")
  })

  it("that streams says where it can't", () => {
    expect(() => streamingHandler({ redis, tokens: TOKEN })).toThrow("there is no awslambda here")
  })
})
