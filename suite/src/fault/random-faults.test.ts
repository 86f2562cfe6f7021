import { setTimeout as wait } from "node:timers/promises"
import type { FaultProxy } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { Caller, Pauses, Testimony } from "./mixed-load.ts"
import { type Rig, useRig } from "./rig.ts"

const ROUNDS = rounds({ test: 200, soak: 5_000 })
const CALLERS = 50
const TIMEOUT_MS = 250

/** One of them strikes in each round; it lasts for as long as it takes. */
const FAULTS: Readonly<Record<string, (rig: Rig, proxy: FaultProxy) => unknown>> = {
  cut: (_rig, proxy) => proxy.cut(),
  reset: (_rig, proxy) => proxy.reset(),
  silence: (_rig, proxy) => proxy.silence(),
  deafness: async (_rig, proxy) => {
    proxy.silence({ newConnections: "silent" })
    await wait(30)
    await proxy.heal()
  },
  stall: async (_rig, proxy) => {
    proxy.stall()
    await wait(Math.random() * 40)
    proxy.resume()
  },
  "stall and reset": async (_rig, proxy) => {
    proxy.stall()
    await wait(Math.random() * 20)
    await proxy.reset()
    proxy.resume()
  },
  delay: async (_rig, proxy) => {
    proxy.delay({ requests: Math.random() * 20, replies: Math.random() * 20 })
    await wait(20)
    proxy.delay(0)
  },
  throttle: async (_rig, proxy) => {
    proxy.throttle(100_000 + Math.random() * 1_000_000)
    await wait(20)
    proxy.throttle(Number.POSITIVE_INFINITY)
  },
  "lost reply": (_rig, proxy) =>
    void proxy.dropReply({ nth: 1 + Math.floor(Math.random() * 20), and: "reset" }),
  "lost reply, silently": (_rig, proxy) => void proxy.dropReply({ nth: 1 + Math.floor(Math.random() * 20) }),
  "half a reply": (_rig, proxy) =>
    void proxy.cutReply({
      nth: 1 + Math.floor(Math.random() * 20),
      afterBytes: 1 + Math.floor(Math.random() * 4),
    }),
  refusal: async (_rig, proxy) => {
    proxy.refuse()
    await proxy.reset()
    await wait(Math.random() * 20)
    await proxy.accept()
  },
  pause: async (rig) => {
    await rig.server.pause()
    await wait(Math.random() * 40)
    rig.server.resume()
  },
  kill: (rig) => rig.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
  readonly: async (rig) => {
    await rig.server.command("REPLICAOF", "127.0.0.1", "1")
    await wait(Math.random() * 20)
    await rig.server.command("REPLICAOF", "NO", "ONE")
  },
  "too many clients": async (rig) => {
    await rig.server.command("CONFIG", "SET", "maxclients", "2")
    await wait(10)
    await rig.server.command("CONFIG", "SET", "maxclients", "10000")
  },
}

describe.each(transports)("random faults over $name", (transport) => {
  const rig = useRig(transport)

  it(`leave every caller with the truth, in time: ${ROUNDS} rounds, ${CALLERS} callers`, async () => {
    for (let n = 0; n < 10; n++) await rig.server.command("SET", `constant:${n}`, n)
    const redis = rig.client({
      commandTimeoutMs: TIMEOUT_MS,
      acquireTimeoutMs: TIMEOUT_MS,
      connectTimeoutMs: 100,
      validateAfterMs: 50,
      validateTimeoutMs: 30,
    })
    const testimony = new Testimony()
    using pauses = new Pauses()
    let round = 0
    const goesOn = () => round < ROUNDS
    const callers = Array.from({ length: CALLERS }, (_, n) =>
      new Caller(redis, `caller${n}`, { testimony, timeoutMs: TIMEOUT_MS, pauses }).run(goesOn),
    )

    const names = Object.keys(FAULTS)
    for (; round < ROUNDS; round++) {
      const name = names[Math.floor(Math.random() * names.length)] ?? ""
      await FAULTS[name]?.(rig, rig.proxy)
      await wait(Math.random() * 20)
    }
    await rig.proxy.heal()
    await Promise.all(callers)
    await redis.settled()

    expect(testimony.complaints.slice(0, 10)).toEqual([])
    expect(testimony.settled).toBeGreaterThan(ROUNDS * 5)
    expect(testimony.failed).toBeGreaterThan(0)
    await expectCounters(rig, testimony)
    await expectWrites(rig, testimony)
    await expectLists(rig, testimony)
    await redis.with({ timeoutMs: 5_000 }).ping()
    expect(redis.stats()).toMatchObject({ waiting: 0, leased: 0, shared: 1 })
  })
})

/** None behind what was acknowledged, none ahead of that and what may have run. */
async function expectCounters({ server }: Rig, { counters }: Testimony): Promise<void> {
  const wrong: unknown[] = []
  for (const [key, { done, unknown }] of counters) {
    const value = Number((await server.command("GET", key)) ?? 0)
    if (value < done || value > done + unknown) wrong.push({ key, value, done, unknown })
  }
  expect(wrong).toEqual([])
}

/** Every acknowledged one is there; none that was said not to have run. */
async function expectWrites({ server }: Rig, { writes }: Testimony): Promise<void> {
  const wrong: unknown[] = []
  for (const write of writes) {
    const exists = await server.command("EXISTS", write.key)
    if (write.outcome === "done" && exists === 0) wrong.push(write)
    if (write.outcome === "not run" && exists === 1) wrong.push(write)
  }
  expect(wrong).toEqual([])
}

/** Items stand in the order of their acknowledgement, each once. */
async function expectLists({ server }: Rig, { pushed }: Testimony): Promise<void> {
  for (const [key, items] of pushed) {
    const list = (await server.command("LRANGE", key, 0, -1)) as string[]
    expect(new Set(list).size).toBe(list.length)
    expect(list.filter((item) => items.includes(item))).toEqual(items)
  }
}
