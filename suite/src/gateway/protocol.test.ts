import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startAll, TOKEN } from "./rig.ts"

const READER = "a-token-that-only-reads"
const TENANT = "a-token-of-one-tenant"
const OPERATOR = "a-token-of-an-operator"

let rig: Awaited<ReturnType<typeof startAll>>
beforeAll(async () => {
  rig = await startAll({
    tokens: [
      { token: TOKEN },
      { token: READER, access: "read-only" },
      { token: TENANT, prefix: "t:" },
      { token: OPERATOR, commands: ["*", "config", "blpop"] },
    ],
    maxBodyBytes: 100_000,
    maxCommands: 1_000,
    maxArguments: 5_000,
  })
})
afterAll(() => rig[Symbol.asyncDispose]())
beforeEach(() => rig.server.command("FLUSHALL"))

const as = (token: string) => ({ authorization: `Bearer ${token}` })
const resp2 = { "upstash-response-format": "resp2" }
const base64 = { "upstash-encoding": "base64" }

describe("a command in the body", () => {
  it("is answered with its result", async () => {
    expect(await rig.post("/", ["SET", "k", 1])).toMatchObject({ status: 200, json: { result: "OK" } })
    expect(await rig.post("/", ["get", "k"])).toMatchObject({ json: { result: "1" } })
    expect(await rig.post("/", ["GET", "missing"])).toMatchObject({ json: { result: null } })
    expect(await rig.post("/", ["INCR", "k"])).toMatchObject({ json: { result: 2 } })
  })

  it("that fails is answered with 400 and the server's words", async () => {
    await rig.server.command("SET", "k", "v")

    expect(await rig.post("/", ["LPUSH", "k", 1])).toMatchObject({
      status: 400,
      json: { error: "WRONGTYPE Operation against a key holding the wrong kind of value" },
    })
    expect(await rig.post("/", ["GET"])).toMatchObject({
      status: 400,
      json: { error: "ERR wrong number of arguments for 'get' command" },
    })
  })

  it("keeps integers beyond 2^53 exact, both ways", async () => {
    const body = '["INCRBY","k",9007199254740993]'

    expect((await rig.send("/", { method: "POST", body })).text).toBe('{"result":9007199254740993}')
    expect((await rig.post("/", ["GET", "k"])).json).toEqual({ result: "9007199254740993" })
  })

  it("may come by PUT, and not by GET", async () => {
    expect(await rig.send("/", { method: "PUT", body: '["PING"]' })).toMatchObject({
      json: { result: "PONG" },
    })
    expect((await rig.send("/")).status).toBe(405)
  })
})

describe("a command in the path", () => {
  it("is run, with the body as its last argument and the query behind it", async () => {
    expect((await rig.send("/set/k/v")).json).toEqual({ result: "OK" })
    expect((await rig.send("/set/k?EX=100&GET", { method: "POST", body: "w" })).json).toEqual({ result: "v" })
    expect((await rig.send("/get/k")).json).toEqual({ result: "w" })
    expect(await rig.server.command("TTL", "k")).toBeGreaterThan(90)
    expect((await rig.send("/publish/channel", { method: "PUT", body: "message" })).json).toEqual({
      result: 0,
    })
  })

  it("takes any bytes as they are, CRLF and RESP among them", async () => {
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte)

    await rig.send("/set/k%00%0d%0a", { method: "POST", body: value })
    const { bytes, headers } = await rig.send("/get/k%00%0D%0A", { headers: resp2 })

    expect(headers.get("content-type")).toBe("application/octet-stream")
    expect(bytes).toEqual(Uint8Array.from([...Buffer.from("$256\r\n"), ...value, 13, 10]))
    await rig.send(`/set/evil/${encodeURIComponent("x\r\nFLUSHALL\r\n*1\r\n$8\r\nFLUSHALL\r\n")}`)
    expect(await rig.server.command("DBSIZE")).toBe(2)
  })

  it("that is not percent-encoded as it should be is refused", async () => {
    expect(await rig.send("/get/%zz")).toMatchObject({ status: 400 })
  })
})

describe("a pipeline", () => {
  it("has an outcome for each command, in order", async () => {
    const commands = [
      ["SET", "k", "v"],
      ["INCR", "k"],
      ["CONFIG", "GET", "*"],
      ["GET", "k"],
      ["BLPOP", "l", 0],
    ]

    expect(await rig.post("/pipeline", commands)).toMatchObject({
      status: 200,
      json: [
        { result: "OK" },
        { error: "ERR value is not an integer or out of range" },
        { error: expect.stringContaining("ERR Command is not available: 'CONFIG GET'") },
        { result: "v" },
        { error: expect.stringContaining("ERR Command is not available: 'BLPOP'") },
      ],
    })
  })

  it("is one batch on the warm pool", async () => {
    const sizes: number[] = []
    const off = rig.redis.on("batch", ({ size }) => sizes.push(size))

    await rig.post(
      "/pipeline",
      Array.from({ length: 50 }, () => ["INCR", "n"]),
    )
    off()

    expect(sizes).toEqual([50])
  })

  it("is answered in RESP2, reply after reply", async () => {
    const commands = [["SET", "k", "v"], ["INCR", "k"], ["MGET", "k", "x"], ["NOSUCH"]]

    const { text } = await rig.post("/pipeline", commands, resp2)

    expect(text).toBe(
      "+OK\r\n-ERR value is not an integer or out of range\r\n*2\r\n$1\r\nv\r\n$-1\r\n-ERR unknown command 'NOSUCH'\r\n",
    )
  })

  it.each(["[]", "{}", '["GET","k"]', "[[]]", "[[1,[2]]]", "", "not json", "[[null]]"])(
    "of %j is refused as a whole",
    async (body) => {
      const answer = await rig.send("/pipeline", { method: "POST", body })

      expect(answer).toMatchObject({ status: 400, json: { error: expect.stringMatching(/^ERR /) } })
    },
  )
})

describe("a transaction", () => {
  it("has an outcome for each command", async () => {
    const commands = [
      ["SET", "k", "v"],
      ["INCR", "k"],
      ["GET", "k"],
    ]

    expect((await rig.post("/multi-exec", commands)).json).toEqual([
      { result: "OK" },
      { error: "ERR value is not an integer or out of range" },
      { result: "v" },
    ])
  })

  it("that is discarded is answered with one error, and nothing ran", async () => {
    const answer = await rig.post("/multi-exec", [
      ["SET", "k", "v"],
      ["SET", "k"],
    ])

    expect(answer).toMatchObject({
      status: 400,
      json: {
        error: "EXECABORT Transaction discarded because of previous errors.",
        reasons: ["ERR wrong number of arguments for 'set' command"],
      },
    })
    expect(
      await rig.post("/multi-exec", [
        ["SET", "k", "v"],
        ["SELECT", 1],
      ]),
    ).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining("not available: 'SELECT'") },
    })
    expect(await rig.server.command("EXISTS", "k")).toBe(0)
  })

  it("is always answered in JSON", async () => {
    const answer = await rig.post("/multi-exec", [["SET", "k", "v"]], resp2)

    expect(answer.json).toEqual([{ result: "OK" }])
  })
})

describe("the format of an answer", () => {
  it("is base64 where asked, but for OK", async () => {
    await rig.server.command("SET", "k", Uint8Array.of(0xff, 0x00, 0xfe))
    await rig.server.command("RPUSH", "l", "OK", "x")

    expect((await rig.post("/", ["SET", "o", "OK"], base64)).json).toEqual({ result: "OK" })
    expect((await rig.post("/", ["GET", "k"], base64)).json).toEqual({ result: "/wD+" })
    expect((await rig.post("/", ["LRANGE", "l", 0, -1], base64)).json).toEqual({ result: ["T0s=", "eA=="] })
    expect((await rig.post("/", ["PING"], base64)).json).toEqual({ result: "UE9ORw==" })
  })

  it("replaces what is not UTF-8 in plain JSON", async () => {
    await rig.server.command("SET", "k", Uint8Array.of(0x61, 0xff))

    expect((await rig.post("/", ["GET", "k"])).json).toEqual({ result: "a\ufffd" })
  })

  it("is RESP2 for an error too, with its status", async () => {
    expect(await rig.post("/", ["GET"], resp2)).toMatchObject({
      status: 400,
      text: "-ERR wrong number of arguments for 'get' command\r\n",
    })
  })

  it.each([
    [{ "upstash-response-format": "resp3" }, "ERR Upstash-Response-Format takes json or resp2"],
    [
      { ...resp2, ...base64 },
      "ERR Upstash-Encoding: base64 is not permitted with Upstash-Response-Format: resp2",
    ],
  ])("can't be %j", async (headers, error) => {
    expect(await rig.post("/", ["PING"], headers)).toMatchObject({ status: 400, json: { error } })
  })

  it("has a sync token that only grows, and says who answers", async () => {
    const tokens: number[] = []
    for (let n = 0; n < 20; n++) {
      const { headers } = await rig.post("/", ["PING"], { "upstash-sync-token": String(tokens.at(-1) ?? "") })
      tokens.push(Number(headers.get("upstash-sync-token")))
      expect(headers.get("warmpool-gateway")).toBe("resp2")
    }

    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
  })
})

describe("tokens", () => {
  const wrong = { status: 401, json: { error: "WRONGPASS invalid or missing auth token" } }

  it("may stand in the query", async () => {
    const bare = async (query: string) => (await fetch(`${rig.gateway.url}/ping${query}`)).status

    expect(await bare("")).toBe(401)
    expect(await bare(`?_token=${TOKEN}`)).toBe(200)
    expect(await bare(`?_token=${TOKEN}x`)).toBe(401)
  })

  it("that are wrong reach nothing", async () => {
    for (const token of ["", "x", TOKEN.slice(1), `${TOKEN} `.repeat(2), TOKEN.toUpperCase()])
      expect(await rig.post("/", ["SET", "k", "v"], as(token))).toMatchObject(wrong)
    expect(await rig.send("/nowhere", { headers: as("wrong") })).toMatchObject(wrong)
    expect(await rig.server.command("DBSIZE")).toBe(0)
  })

  it("that only read may not write", async () => {
    expect((await rig.post("/", ["GET", "k"], as(READER))).status).toBe(200)
    expect(await rig.post("/", ["SET", "k", "v"], as(READER))).toMatchObject({
      status: 400,
      json: { error: "NOPERM this user has no permissions to run the 'set' command or its subcommand" },
    })
    expect(
      (
        await rig.post(
          "/pipeline",
          [
            ["GET", "k"],
            ["DEL", "k"],
          ],
          as(READER),
        )
      ).json,
    ).toEqual([{ result: null }, { error: expect.stringContaining("NOPERM") }])
    expect(
      (
        await rig.post(
          "/multi-exec",
          [
            ["GET", "k"],
            ["DEL", "k"],
          ],
          as(READER),
        )
      ).status,
    ).toBe(400)
  })

  it("with a prefix see only their keys", async () => {
    expect((await rig.send("/set/t:k/v", { headers: as(TENANT) })).status).toBe(200)
    expect(await rig.send("/get/k", { headers: as(TENANT) })).toMatchObject({
      status: 400,
      json: { error: "NOPERM No permissions to access a key" },
    })
    expect((await rig.send("/subscribe/other", { headers: as(TENANT) })).status).toBe(400)
  })

  it("may be allowed what is refused by default, blocking commands on a connection of their own", async () => {
    const maxmemory = await rig.post("/", ["CONFIG", "GET", "maxmemory"], as(OPERATOR))
    const waiting = rig.post("/", ["BLPOP", "l", 5], as(OPERATOR))
    await expect.poll(async () => (await rig.server.clients()).some(({ cmd }) => cmd === "blpop")).toBe(true)

    await rig.post("/", ["RPUSH", "l", "v"])

    expect((await waiting).json).toEqual({ result: ["l", "v"] })
    expect(maxmemory.json).toEqual({ result: ["maxmemory", "0"] })
    expect((await rig.post("/pipeline", [["BLPOP", "l", 0]], as(OPERATOR))).json).toEqual([
      { error: expect.stringContaining("it blocks") },
    ])
  })
})

describe("limits", () => {
  it("of the body are answered with 413, before it is read", async () => {
    const answer = await rig.send("/set/k", { method: "POST", body: "x".repeat(100_001) })

    expect(answer).toMatchObject({
      status: 413,
      json: { error: "ERR max request size exceeded. Limit: 100000 bytes, Actual: 100001 bytes" },
    })
    expect(await rig.server.command("DBSIZE")).toBe(0)
  })

  it("of the body hold where its length is not announced", async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    })
    const sent = rig.send("/set/k", { method: "POST", body, duplex: "half" } as RequestInit)

    // The answer may come before the body has gone, and then the client sees either.
    const outcome = await sent.then(
      ({ status }) => status,
      () => "connection closed",
    )
    expect([413, "connection closed"]).toContain(outcome)
    expect(await rig.server.command("DBSIZE")).toBe(0)
  })

  it("of commands and arguments are answered with 413", async () => {
    const many = Array.from({ length: 1_001 }, () => ["PING"])

    expect((await rig.post("/pipeline", many)).status).toBe(413)
    expect((await rig.post("/", ["DEL", ...Array.from({ length: 5_000 }, String)])).status).toBe(413)
  })

  it("of methods are answered with 405", async () => {
    for (const method of ["DELETE", "PATCH", "HEAD", "OPTIONS"]) {
      const { status, headers } = await rig.send("/get/k", { method })
      expect([status, headers.get("allow")], method).toEqual([405, "GET, POST, PUT"])
    }
    expect((await rig.send("/pipeline")).status).toBe(405)
  })
})
