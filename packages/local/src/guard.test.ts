import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { Guard } from "./guard.ts"

/** A process in a group of its own, and its end. */
function sleeper() {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" })
  return { child, group: child.pid ?? 0, ended: once(child, "exit") }
}

it("kills the groups that it watches, not those it forgot, and removes the folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "warmpool-guard-"))
  await writeFile(join(folder, "file"), "")
  const guard = new Guard(folder)
  const [first, second, forgotten] = [sleeper(), sleeper(), sleeper()]
  for (const { group } of [first, second, forgotten]) guard.watch(group)
  guard.forget(forgotten.group)

  await guard.close()

  expect(await Promise.all([first.ended, second.ended])).toEqual([
    [null, "SIGKILL"],
    [null, "SIGKILL"],
  ])
  expect(existsSync(folder)).toBe(false)
  expect(forgotten.child.exitCode ?? forgotten.child.signalCode).toBe(null)
  forgotten.child.kill("SIGKILL")
  await forgotten.ended
})

it("guards without a folder", async () => {
  const guard = new Guard()
  const { group, ended } = sleeper()
  guard.watch(group)

  await guard.close()

  expect(await ended).toEqual([null, "SIGKILL"])
})
