import { type LocalFluid, type RedisServer, startFluid, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"

const ROUNDS = rounds({ test: 20, soak: 200 })
const handler = new URL("./instance.fixture.ts", import.meta.url)

interface Over {
  readonly name: string
  readonly open: readonly string[]
}

/** What was still open when each wait was over, in order. */
function oversOf(fluid: LocalFluid): Over[] {
  return [...fluid.output.matchAll(/^over (.*)$/gm)].map(([, line]) => JSON.parse(line ?? ""))
}

async function ask(fluid: LocalFluid, path: string): Promise<unknown> {
  const response = await fetch(`${fluid.url}${path}`)
  const body = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${body}\n${fluid.output}`)
  return JSON.parse(body)
}

async function namesAt(server: RedisServer): Promise<string[]> {
  // The function's own question after its connections has no name.
  const names = (await server.clients()).map((one) => String(one["name"]))
  return names.filter((name) => name !== "").sort()
}

describe("two clients in one instance", () => {
  it(
    "each hold it up until the server has let go of their own connections, and no longer",
    async () => {
      await using server = await startRedis()
      await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })

      const counts: unknown[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        counts.push(await ask(fluid, "/visit?by=close%2B&by=later%2B"))
        await fluid.until("suspended")
        expect(await namesAt(server)).toEqual([])
      }

      const overs = oversOf(fluid)
      expect(counts).toEqual(Array.from({ length: ROUNDS }, (_, index) => [index + 1, index + 1]))
      expect(overs.length).toBeGreaterThanOrEqual(2 * ROUNDS)
      for (const { name, open } of overs) expect(open).not.toContain(name)
      // The slower one was still there when the other was done: neither waited for both.
      expect(overs.filter(({ name, open }) => name === "close" && open.includes("later"))).not.toEqual([])
      expect(fluid.stats).toMatchObject({ instances: 1, crashes: 0 })
    },
    ROUNDS * 3_000,
  )
})

describe("an instance that was suspended for longer than the server's timeout", () => {
  const INSTANCES = 4
  const patience = (ROUNDS / INSTANCES) * 15_000

  it.concurrent.each(Array.from({ length: INSTANCES }, (_, index) => index))(
    "answers the next request without an error or a doubled write (%#)",
    async () => {
      await using server = await startRedis({ args: ["--timeout", "1"] })
      await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })

      const counts: unknown[] = []
      for (let round = 0; round < ROUNDS / INSTANCES; round += 1) {
        counts.push(await ask(fluid, "/visit?by=close&by=surplus%2B&by=keep%2B"))
        await fluid.until("suspended")
        const kept = await namesAt(server)
        expect(kept).not.toContain("close")
        await expect.poll(() => namesAt(server), { timeout: 10_000, interval: 100 }).toEqual([])
      }

      expect(counts).toEqual(
        Array.from({ length: ROUNDS / INSTANCES }, (_, round) => Array(3).fill(round + 1)),
      )
      for (const name of ["close", "surplus", "keep"]) {
        expect(await server.command("GET", `visits:${name}`)).toBe(String(ROUNDS / INSTANCES))
      }
      expect(fluid.stats).toMatchObject({ instances: 1, crashes: 0 })
    },
    patience,
  )
})

describe("what is surplus", () => {
  it("is closed, and the shared connection serves the next request", async () => {
    await using server = await startRedis()
    await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })

    await ask(fluid, "/visit?by=surplus%2B")
    await fluid.until("suspended")
    const [before] = await server.clients()
    await ask(fluid, "/visit?by=surplus")
    await fluid.until("suspended")
    const after = await server.clients()

    expect(after.map((one) => one["id"])).toEqual([before?.["id"]])
  })
})

describe("500 requests at once in one instance", () => {
  it("share one connection, and none sees another's reply or deadline", async () => {
    await using server = await startRedis()
    await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })
    await ask(fluid, "/visit?by=crowd")

    const ids = Array.from({ length: 500 }, (_, index) => String(index))
    const late = ["/late", "/late"].map((path) => ask(fluid, path))
    const answers = await Promise.all(ids.map((id) => ask(fluid, `/own?id=${id}`)))
    const lateness = (await Promise.all(late)) as { error: string; ms: number }[]
    const stats = (await ask(fluid, "/stats")) as Record<string, number>

    expect(answers).toEqual(
      ids.map((id) => [
        id,
        [
          [null, id],
          [null, 1],
        ],
        id,
      ]),
    )
    expect(lateness.map(({ error }) => error)).toEqual(["OutcomeUnknownError", "OutcomeUnknownError"])
    for (const { ms } of lateness) expect(ms).toBeGreaterThanOrEqual(450)
    expect(stats["most"]).toBeLessThanOrEqual(5)
    expect(stats["shared"]).toBeLessThanOrEqual(1)
    await fluid.until("suspended")
    expect(await namesAt(server)).toEqual([])
  }, 60_000)
})

describe("SIGTERM", () => {
  it("lets connections go in order, kept ones too", async () => {
    await using server = await startRedis()
    await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })
    await ask(fluid, "/visit?by=keep%2B")
    const before = await namesAt(server)

    await fluid.terminate()

    expect(before).toEqual(["keep", "keep"])
    expect(await namesAt(server)).toEqual([])
    expect(fluid.stats.crashes).toBe(0)
  })
})
