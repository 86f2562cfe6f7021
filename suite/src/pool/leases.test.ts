import { setTimeout as wait } from "node:timers/promises"
import type { Redis } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { type Rig, useRig } from "../fault/rig.ts"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { Census, connected, killOne, untilServer } from "./census.ts"
import { Lag } from "./lag.ts"
import { LeaseCallers } from "./lease-callers.ts"

const MAX = 5
const CALLERS = 100
const LEASES = rounds({ test: 10_000, soak: 100_000 })
const ACQUIRE_TIMEOUT_MS = 100

const FAULTS: readonly ((rig: Rig) => Promise<unknown>)[] = [
  ({ proxy }) => proxy.cut(),
  ({ proxy }) => proxy.reset(),
  ({ server }) => server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
  ({ server }) => killOne(server),
]

/** A few seconds on idle cores; others may be busy on them. */
const LONGEST_MS = rounds({ test: 60_000, soak: 1_800_000 })

describe.each(transports)("leases over $name", (transport) => {
  const rig = useRig(transport)

  it(
    `are never too many, too late or left over: ${LEASES}, ${CALLERS} callers, connections lost`,
    async () => {
      const redis = await rig.warmClient({ max: MAX, acquireTimeoutMs: ACQUIRE_TIMEOUT_MS })
      let standing = 0
      redis.on("open", () => {
        const { opened, closed } = redis.stats()
        standing = Math.max(standing, opened - closed)
      })
      using lag = new Lag()
      await using census = new Census(rig.server)
      const callers = new LeaseCallers(redis, { leases: LEASES, acquireTimeoutMs: ACQUIRE_TIMEOUT_MS, lag })

      const all = await Promise.all(Array.from({ length: MAX - 1 }, () => redis.acquire()))
      const running = Promise.all(Array.from({ length: CALLERS }, () => callers.run()))
      // Until the first callers are refused, all of them.
      await wait(2 * ACQUIRE_TIMEOUT_MS)
      for (const lease of all) await lease.release()
      for (let n = 0; callers.goOn; n++) {
        await FAULTS[n % FAULTS.length]?.(rig)
        await wait(Math.random() * 60)
      }
      await running

      expect(callers.complaints.slice(0, 10)).toEqual([])
      expect(callers.refused).toBeGreaterThanOrEqual(CALLERS / 2)
      expect(callers.lost).toBeGreaterThan(0)
      expect(standing).toBeLessThanOrEqual(MAX + 1)
      expect(census.most).toBeLessThanOrEqual(MAX + 1)
      expect(census.samples).toBeGreaterThan(100)
      await expectNothingLeft(rig, redis)
    },
    LONGEST_MS,
  )
})

/** What the client counts, the server counts; and after its close nothing. */
async function expectNothingLeft({ server }: Rig, redis: Redis): Promise<void> {
  const { idle, shared, ...rest } = redis.stats()
  expect(rest).toMatchObject({ leased: 0, waiting: 0, connecting: 0 })
  await untilServer(server, async () => (await connected(server)) === idle + shared)
  await redis.close()
  await untilServer(server, async () => (await connected(server)) === 0)
}
