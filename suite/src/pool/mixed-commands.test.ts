import { execFile } from "node:child_process"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { useRig } from "../fault/rig.ts"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { killOne } from "./census.ts"

const FIXTURE = fileURLToPath(new URL("mixed-commands.fixture.ts", import.meta.url))
const COMMANDS = rounds({ test: 50_000, soak: 1_000_000 })
/** The short run would be over before a connection was killed. */
const KILL_EVERY_MS = rounds({ test: 50, soak: 1_000 })
const MB = 1 << 20

/** A few seconds on idle cores; others may be busy on them. */
const LONGEST_MS = rounds({ test: 60_000, soak: 1_800_000 })

describe.each(transports)("mixed commands over $name", (transport) => {
  const rig = useRig(transport)

  it(
    `are all accounted for, and leave no memory behind: ${COMMANDS}, connections killed`,
    async () => {
      const args = ["--expose-gc", FIXTURE, transport.name, rig.server.url, String(COMMANDS)]
      let kills = 0
      let running = true
      const child = promisify(execFile)(process.execPath, args).finally(() => {
        running = false
      })

      while (running) {
        kills += await killOne(rig.server)
        await Promise.race([wait(KILL_EVERY_MS), child])
      }
      const { stdout, stderr } = await child
      const report = JSON.parse(stdout)

      expect(report).toMatchObject({ complaints: [], left: 0 })
      expect(stderr).toBe("")
      expect(report.sent).toBeGreaterThanOrEqual(COMMANDS)
      expect(kills).toBeGreaterThan(3)
      expect(report.unknown).toBeGreaterThan(0)
      expect((report.heaps.at(-1) - report.heaps[0]) / MB).toBeLessThan(10)
    },
    LONGEST_MS,
  )
})
