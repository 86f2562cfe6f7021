import { afterEach, describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { ask, connectionsReceived, type Stage, startStage, workerNamed } from "./rig.ts"

const CALLERS = 100
/** Patient, because the machine may be busy; a server takes its time to come back. */
const PATIENT = {
  commandTimeoutMs: 15_000,
  connectTimeoutMs: 5_000,
  acquireTimeoutMs: 15_000,
  // A late answer after a pause is no reason to open another connection here: they are counted.
  validateAfterMs: 30_000,
}

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

const start = async (): Promise<void> => {
  stage = await startStage({
    app: "patient.fixture.ts",
    poolEntry: "evictable-pool.fixture.ts",
    way: "binding",
    pool: { REDIS_POOL_OPTIONS: PATIENT },
    server: { args: ["--appendonly", "yes", "--appendfsync", "always"] },
  })
}

/** Callers that increment until told to stop; each outcome is a number, or an error in words. */
function callers(): { stop(): Promise<readonly unknown[]> } {
  let running = true
  const loops = Array.from({ length: CALLERS }, async () => {
    const outcomes: unknown[] = []
    while (running) outcomes.push(await ask(stage, "incr", "n").catch((error: unknown) => String(error)))
    return outcomes
  })
  return {
    async stop() {
      running = false
      return (await Promise.all(loops)).flat()
    },
  }
}

/** Replies must be different numbers, and the server must not have counted more than those and the unknown. */
async function judge(outcomes: readonly unknown[]): Promise<{ unknown: number; failed: readonly unknown[] }> {
  const replies = outcomes.filter((outcome) => typeof outcome === "number")
  const unknown = outcomes.filter((outcome) => /^OutcomeUnknownError/.test(String(outcome))).length
  const failed = outcomes.filter(
    (outcome) => !replies.includes(outcome as number) && !/^OutcomeUnknownError/.test(String(outcome)),
  )
  const counted = Number(await stage.redis.command("GET", "n"))

  expect(new Set(replies).size).toBe(replies.length)
  expect(counted).toBeGreaterThanOrEqual(replies.length)
  expect(counted).toBeLessThanOrEqual(replies.length + unknown)
  return { unknown, failed }
}

const answered = async (count: number): Promise<void> => {
  await expect
    .poll(async () => Number(await stage.redis.command("GET", "n")), { timeout: 15_000 })
    .toBeGreaterThan(count)
}

describe("the pool, under 100 callers", () => {
  it("opens one connection for each that is killed, and no command is lost or doubled", async () => {
    await start()
    const load = callers()
    await answered(300)
    const before = await connectionsReceived(stage.redis)

    for (let kill = 1; kill <= 3; kill += 1) {
      const [connection] = await stage.redis.clients()
      await stage.redis.command("CLIENT", "KILL", "ID", connection?.["id"] ?? "")
      await answered(Number(await stage.redis.command("GET", "n")) + 300)
    }

    const { failed } = await judge(await load.stop())
    expect(failed).toEqual([])
    expect((await connectionsReceived(stage.redis)) - before).toBe(3)
  }, 60_000)

  it("goes on when the server was restarted", async () => {
    await start()
    const load = callers()
    await answered(300)

    await stage.redis.restart()
    await answered(Number(await stage.redis.command("GET", "n")) + 300)

    const { failed } = await judge(await load.stop())
    expect(failed).toEqual([])
    // Its own statistics began anew: this question's connection and that of the pool.
    expect(await connectionsReceived(stage.redis)).toBe(2)
  }, 60_000)
})

/** Asks the Worker of the pool, past its binding. */
async function askPool(what: "instances" | "evict"): Promise<unknown> {
  const pool = await workerNamed(stage, "redis-pool")
  return (await pool.fetch(`http://pool/${what}`)).json()
}

const upTo = (first: number): ReadonlySet<unknown> =>
  new Set(Array.from({ length: CALLERS }, (_, n) => n + first))
const visit = (): Promise<readonly unknown[]> =>
  Promise.all(Array.from({ length: CALLERS }, () => ask(stage, "incr", "n")))

describe("the pool object, evicted", () => {
  it("begins anew with the next command, for 100 callers on one connection", async () => {
    await start()
    expect(await ask(stage, "incr", "n")).toBe(1)
    const before = await connectionsReceived(stage.redis)

    await askPool("evict")
    const outcomes = await visit()

    expect(new Set(outcomes)).toEqual(upTo(2))
    expect(await askPool("instances")).toBe(2)
    expect((await connectionsReceived(stage.redis)) - before).toBe(1)
  })

  it("in the midst of commands leaves nobody waiting, and doubles nothing", async () => {
    await start()
    const load = callers()
    await answered(300)

    for (let eviction = 1; eviction <= 3; eviction += 1) {
      await askPool("evict")
      await answered(Number(await stage.redis.command("GET", "n")) + 300)
    }

    const { unknown, failed } = await judge(await load.stop())
    expect(failed).toEqual([])
    expect(unknown).toBeLessThanOrEqual(3 * CALLERS)
    expect(await askPool("instances")).toBe(4)
  }, 60_000)

  it("or only left alone for long, is there at once", async () => {
    await start()
    expect(await ask(stage, "incr", "n")).toBe(1)
    // An open connection keeps the object. Without one the local runtime evicts it within 75 seconds.
    await stage.redis.command("CLIENT", "KILL", "TYPE", "normal")
    await new Promise((resolve) => setTimeout(resolve, rounds({ test: 1_000, soak: 90_000 })))
    const before = await connectionsReceived(stage.redis)

    const outcomes = await visit()

    expect(new Set(outcomes)).toEqual(upTo(2))
    expect(await askPool("instances")).toBe(rounds({ test: 1, soak: 2 }))
    expect((await connectionsReceived(stage.redis)) - before).toBe(1)
  })
})
