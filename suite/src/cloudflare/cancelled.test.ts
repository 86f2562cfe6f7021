import { describe, expect, it } from "vitest"
import { ask, askAndHangUp, startStage, WAYS } from "./rig.ts"

describe.each(WAYS)("requests over %s whose callers hang up at any moment", (way) => {
  it("leave every later request alone, and nothing behind", async () => {
    await using stage = await startStage({ app: "tasks.fixture.ts", way })
    await ask(stage, "incr", "n")

    for (let round = 0; round < 20; round += 1) {
      const tasks = [["incr", "n"], ["mixed"], ["crowd"], ["watch"], ["unawaited"]] as const
      const gone = tasks.map((task) => askAndHangUp(stage, ...task))
      for (const { hangUp } of gone) setTimeout(hangUp, Math.random() * 20)
      expect(await ask(stage, "incr", "other")).toBe(round + 1)
    }

    expect(await Promise.all(Array.from({ length: 50 }, () => ask(stage, "incr", "after")))).toHaveLength(50)
    expect(await stage.redis.command("GET", "after")).toBe("50")
    const blocked = async () =>
      (await stage.redis.clients()).filter(({ flags = "" }) => flags.includes("b")).length
    await expect.poll(blocked).toBe(0)
  }, 60_000)
})
