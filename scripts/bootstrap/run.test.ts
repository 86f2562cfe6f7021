import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { afterEach, describe, expect, it } from "vitest"

/** A program that runs another under `run`, and ends with its exit code. */
const PROGRAM = `
  import { forwardSignals, run, Stopped } from "./scripts/bootstrap/run.mjs"
  forwardSignals()
  run(process.execPath, ["-e", process.argv[1]]).then(
    (code) => { process.exitCode = code },
    (error) => { console.log(error instanceof Stopped ? "stopped by " + error.signal : error.message) },
  )`

describe("run", () => {
  const started: ChildProcess[] = []

  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL")
  })

  function start(source: string) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, source], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    started.push(child)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return { child, ended: once(child, "exit"), line: async () => (await lines.next()).value }
  }

  it("keeps the exit code", async () => {
    const { ended } = start("process.exitCode = 7")

    expect(await ended).toEqual([7, null])
  })

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "hands %s on once and waits for the child",
    async (signal) => {
      const { child, ended, line } = start(`
      setInterval(() => {}, 1e6)
      process.on("${signal}", () => { console.log("cleaned up"); process.exit(0) })
      console.log("ready")`)
      expect(await line()).toBe("ready")

      child.kill(signal)

      expect(await line()).toBe("cleaned up")
      expect(await line()).toBe(`stopped by ${signal}`)
      await ended
    },
  )

  it("ends what the child leaves behind, a frozen process too", async () => {
    const { child } = start(`
      const left = require("node:child_process").spawn("sleep", ["1000"], { stdio: "inherit" })
      left.kill("SIGSTOP")
      left.unref()`)

    // The output closes when nobody holds it any more.
    const [code] = await once(child, "close")

    expect(code).toBe(0)
  })
})
