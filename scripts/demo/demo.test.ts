import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { quantile, table } from "./table.ts"

const DEMO = fileURLToPath(new URL("../demo.ts", import.meta.url))

/** Runs the demo; `onText` sees everything that it has said so far. */
async function demo(env: object, args: readonly string[] = [], onText = (_text: string, _pid: number) => {}) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", DEMO, ...args], {
    env: { ...process.env, REDIS_URL: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let text = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk
      onText(text, child.pid ?? 0)
    })
  }
  const [code] = await once(child, "close")
  return { code, text }
}

describe("the demo", () => {
  it("shows progress, ends with a table, and succeeds", { timeout: 60_000 }, async () => {
    const { code, text } = await demo({}, ["6", "lambda"])

    expect(text).toMatch(/72 of 72 invocations\n/)
    expect(text).toMatch(/\n {2}that failed +0 +0 +0\n {2}that Redis counted +24 +24 +24\n/)
    expect(text).toMatch(/\n {2}usually \(p50\)( +\d+\.\d ms){3}\n {2}at worst \(p99\)( +\d+\.\d ms){3}\n/)
    expect(code).toBe(0)
  })

  it("sends one request a visit over HTTP, and fewer than others do", { timeout: 60_000 }, async () => {
    const { code, text } = await demo({}, ["4", "http"])

    expect(text).toMatch(/\n {2}that Redis counted +20 +20\n/)
    const [, ours, theirs] = /\nHTTP requests +(\d+) +(\d+)\n/.exec(text) ?? []
    expect(Number(ours)).toBe(20)
    expect(Number(theirs)).toBeGreaterThan(40)
    expect(code).toBe(0)
  })

  it("lets a fleet of Workers share a connection, and closes those of suspended instances", {
    timeout: 120_000,
  }, async () => {
    const { code, text } = await demo({}, ["4", "workers", "vercel"])

    const [, pool, , , naive] =
      /\nconnections opened +(\d+) +(\d+) +(\d+) +(\d+)\n/.exec(text)?.map(Number) ?? []
    expect([pool, naive]).toEqual([1, 40])
    expect(text).toMatch(/\nconnections left open by a suspended instance +0 +1\n/)
    expect(text).toMatch(/In the Edge runtime, over HTTP: 100 of 100 requests counted/)
    expect(code).toBe(0)
  })

  it("leaves a server that is not its own as it was, and ends on Ctrl-C", { timeout: 60_000 }, async () => {
    await using server = await startRedis({ password: "p@ss/word" })
    await server.command("SELECT", "5")
    await server.command("SET", "somebody's", "value")
    const redisUrl = `redis://:${encodeURIComponent("p@ss/word")}@${server.host}:${server.port}/5`

    let interrupted = false
    const { code, text } = await demo({ REDIS_URL: redisUrl }, ["4", "lambda"], (text, pid) => {
      if (!interrupted && text.includes("12 of 48")) interrupted = process.kill(pid, "SIGINT")
    })

    expect([interrupted, code]).toEqual([true, 130])
    expect(await server.command("KEYS", "*")).toEqual(["somebody's"])
    expect(await server.clients()).toEqual([])
    expect(text).not.toMatch(/p@ss|p%40/)
  })

  it.each<[object, string[], RegExp]>([
    [
      { REDIS_URL: "redis://:planted@127.0.0.1:1" },
      [],
      /the server at REDIS_URL can't be used: .*ECONNREFUSED/,
    ],
    [{ REDIS_URL: "rediss://:planted@host" }, [], /REDIS_URL must be like redis:/],
    [{ REDIS_URL: "planted" }, [], /REDIS_URL must be like redis:/],
    [{ WARMPOOL_REDIS_SERVER: "/nowhere" }, [], /WARMPOOL_REDIS_SERVER names no program: \/nowhere/],
    [{}, ["many"], /npm run demo takes a number of rounds/],
  ])("says in one line what it lacks: %o %o", async (env, args, message) => {
    const { code, text } = await demo(env, args)

    expect(text).toMatch(new RegExp(`^warmpool: ${message.source}[^\n]*\n$`))
    expect(text).not.toContain("planted")
    expect(code).toBe(1)
  })
})

describe("the table", () => {
  it("shows results side by side", () => {
    const results = new Map([
      ["ours", { calls: 4, times: [3, 1, 2] }],
      ["theirs", { calls: 10, times: [] }],
    ])

    const lines = table(
      [
        ["calls", ({ calls }) => String(calls)],
        ["usually", ({ times }) => quantile(times, 0.5)],
      ],
      results,
    ).split("\n")

    expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual([
      " ours theirs",
      "------- ------ ------".replace(/ +/g, " "),
      "calls 4 10",
      "usually 2.0 ms none",
    ])
  })

  it("takes the value below which a share lies", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)

    expect([quantile(values, 0.5), quantile(values, 0.99), quantile([], 0.5)]).toEqual([
      "51.0 ms",
      "100.0 ms",
      "none",
    ])
  })
})
