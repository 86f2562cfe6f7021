import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { Dice, exchange, makeRequest } from "./hostile.ts"
import { startGateway, TOKEN } from "./rig.ts"

const REQUESTS = rounds({ test: 1_500, soak: 50_000 })
const SEED = 20_261_120
const CALLERS = 16

/** Sends so many requests over several connections at once; gives how often which status came. */
async function attack(port: number, tokens: readonly string[]): Promise<Map<string, number>> {
  const statuses = new Map<string, number>()
  let sent = 0
  const caller = async (seed: number) => {
    const dice = new Dice(seed)
    for (; sent < REQUESTS; sent += 1) {
      const answer = await exchange(port, makeRequest(dice, tokens))
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? "closed"
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status.startsWith("5") && status !== "503") expect(answer).toBe("an answer with a reason")
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(SEED + index)))
  return statuses
}

describe("hostile requests", () => {
  it("without a valid token never reach Redis", async () => {
    await using redis = await startRedis()
    await using faults = await startFaultProxy({ target: redis })
    await using rig = await startGateway({ url: faults.url(), maxBodyBytes: 50_000, health: true })

    const statuses = await attack(rig.gateway.port, [
      "",
      "x",
      TOKEN.slice(0, -1),
      `${TOKEN}x`,
      "\u00ff",
      `${TOKEN}\0`,
    ])

    expect(statuses.get("401")).toBeGreaterThan(REQUESTS / 4)
    expect([...statuses.keys()].filter((status) => status.startsWith("2"))).toEqual(["200"])
    expect(statuses.get("200")).toBeLessThan(REQUESTS / 20)
    expect(faults.counts).toMatchObject({ connections: 0, commands: 0 })
  })

  it("with one never crash it, never fail without a reason, never leak a connection", async () => {
    await using redis = await startRedis()
    const errors: unknown[] = []
    const rig = await startGateway({
      url: redis.url,
      maxBodyBytes: 50_000,
      drainTimeoutMs: 600_000,
      onError: (error) => errors.push(error),
    })

    const statuses = await attack(rig.gateway.port, [TOKEN])

    expect(errors).toEqual([])
    expect(statuses.get("200")).toBeGreaterThan(REQUESTS / 50)
    expect(statuses.get("400")).toBeGreaterThan(REQUESTS / 10)
    expect(statuses.get("500")).toBeUndefined()
    expect((await rig.post("/", ["PING"])).json).toEqual({ result: "PONG" })
    await expect.poll(() => rig.redis.stats()).toMatchObject({ leased: 0, waiting: 0, connecting: 0 })
    expect((await redis.clients()).length).toBeLessThanOrEqual(5)
    // It would wait for a connection, or an event stream, that somebody forgot.
    await rig[Symbol.asyncDispose]()
    await expect.poll(() => redis.clients()).toEqual([])
  })

  it("whose arguments hold line ends and RESP store just that", async () => {
    await using redis = await startRedis()
    await using rig = await startGateway({ url: redis.url })
    const dice = new Dice(SEED)
    await redis.command("SET", "canary", "alive")

    for (let n = 0; n < REQUESTS / 10; n++) {
      const text = `${dice.pick(["\r\n", "*1\r\n$8\r\nFLUSHALL\r\n", "$3\r\n"])}${dice.bytes(20).toString("latin1")}`
      const key = `k${n}${dice.pick(["\r\n", "\0", "*", " "])}`
      const bytes = dice.bytes(64)
      await rig.send(`/set/${encodeURIComponent(key)}`, {
        method: "POST",
        body: Buffer.concat([bytes, Buffer.of(10)]),
      })
      await rig.post("/pipeline", [["SET", `t${key}`, text]])

      const stored = await rig.post(
        "/pipeline",
        [
          ["GET", key],
          ["GET", `t${key}`],
        ],
        { "upstash-encoding": "base64" },
      )

      expect(stored.json).toEqual([
        { result: Buffer.concat([bytes, Buffer.of(10)]).toString("base64") },
        { result: Buffer.from(text).toString("base64") },
      ])
    }
    expect(await redis.command("GET", "canary")).toBe("alive")
  })
})
