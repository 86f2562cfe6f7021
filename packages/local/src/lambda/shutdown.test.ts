import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { alive, fixture, invoke, until } from "./fixtures/invoke.fixture.ts"
import type { LambdaOptions } from "./options.ts"
import { startLambda } from "./start-lambda.ts"

let folder: string
let notes = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-shutdown-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

function noted(name: string, options: Partial<LambdaOptions> = {}) {
  notes += 1
  const note = join(folder, `note-${notes}`)
  const env = { ...options.env, NOTE: note }
  return { note, started: startLambda({ handler: fixture(name), concurrency: 1, ...options, env }) }
}

describe("the Extensions API", () => {
  it("registers an internal extension without events, while the sandbox starts and not later", async () => {
    const { started } = noted("extension.fixture.ts")
    await using lambda = await started

    const { result } = await invoke(lambda)

    expect(result).toMatchObject({ status: 200, id: expect.stringMatching(/^[0-9a-f-]{36}$/), events: [] })
    expect(result.late).toMatchObject({ errorType: "Extension.RegistrationClosed" })
    expect(result.stranger).toMatchObject({ errorType: "Extension.UnknownExtensionIdentifier" })
  })

  it("tells an extension of each invocation, if it asked for that", async () => {
    const { started } = noted("extension.fixture.ts", { env: { EVENTS: '["INVOKE"]' } })
    await using lambda = await started

    const first = await invoke(lambda)
    const { result } = await invoke(lambda)

    expect(result.events[0]).toMatchObject({ eventType: "INVOKE", requestId: first.requestId })
  })

  it("refuses SHUTDOWN to an internal extension", async () => {
    const { started } = noted("extension.fixture.ts", { env: { EVENTS: '["SHUTDOWN"]' } })
    await using lambda = await started

    expect((await invoke(lambda)).result.status).toBe(403)
  })
})

describe("an extension at fault", () => {
  it.each([
    ["init/error", { errorType: "Extension.InitError", errorMessage: "Extension.Tired" }],
    ["exit/error", { errorType: "Extension.ExitError", errorMessage: "Extension.Tired" }],
  ])("fails the init by %s", async (FAULT, expected) => {
    const { started } = noted("extension.fixture.ts", { env: { FAULT } })
    await using lambda = await started

    expect((await invoke(lambda)).result).toEqual(expected)
  })

  it("is named when it never asks for its next event", async () => {
    const { started } = noted("extension.fixture.ts", { initTimeoutMs: 1500, env: { FAULT: "mute" } })
    await using lambda = await started

    const prewarmed = lambda.prewarm(1)

    await expect(prewarmed).rejects.toThrow("extension tidy registered but never asked for event/next")
  })
})

describe("reaping", () => {
  it("ends a frozen sandbox by SIGTERM where an extension registered", async () => {
    const { note, started } = noted("extension.fixture.ts", { reapAfterMs: 50 })
    await using lambda = await started
    await invoke(lambda)

    await until(() => lambda.sandboxes().length === 0)

    expect(readFileSync(note, "utf8")).toBe("SIGTERM")
    expect(lambda.stats().reaped).toBe(1)
  })

  it("kills a sandbox that ignores SIGTERM after half a second", async () => {
    const { note, started } = noted("extension.fixture.ts", { reapAfterMs: 50, env: { STUBBORN: "yes" } })
    await using lambda = await started
    await invoke(lambda)

    await until(() => existsSync(note))
    const termAt = performance.now()
    await until(() => lambda.sandboxes().length === 0)

    expect(performance.now() - termAt).toBeGreaterThan(400)
    expect(performance.now() - termAt).toBeLessThan(1500)
  })

  it("kills a sandbox without extension at once: no SIGTERM", async () => {
    const { note, started } = noted("no-extension.fixture.ts", { reapAfterMs: 50 })
    await using lambda = await started
    await invoke(lambda)

    await until(() => lambda.sandboxes().length === 0)

    expect(existsSync(note)).toBe(false)
  })

  it("spares a sandbox that is used again in time", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.ts"), reapAfterMs: 500 })

    const { result } = await invoke(lambda, { waitMs: 600 })
    const again = await invoke(lambda)

    expect(again.result.pid).toBe(result.pid)
    expect(lambda.stats().reaped).toBe(0)
  })
})

describe("the end of the owner", () => {
  it("close() lets extensions end in order", async () => {
    const { note, started } = noted("extension.fixture.ts")
    const lambda = await started
    await invoke(lambda)

    await lambda.close()

    expect(readFileSync(note, "utf8")).toBe("SIGTERM")
  })

  it("close() does not freeze a sandbox that ends its invocation meanwhile", async () => {
    const { note, started } = noted("extension.fixture.ts", { env: { TAKES_MS: "150" } })
    const lambda = await started
    const running = invoke(lambda, { waitMs: 80 }).catch(() => {})
    await until(() => lambda.sandboxes()[0]?.state === "running")

    await lambda.close()

    expect(readFileSync(note, "utf8")).toBe("SIGTERM")
    await running
  })

  it.each(["frozen", "awake"])("by SIGKILL takes its sandboxes along, %s as they are", async (state) => {
    const owner = spawn(process.execPath, [fixture("owner.fixture.ts"), state], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [line] = await once(createInterface({ input: owner.stdout }), "line")
    const pids: number[] = JSON.parse(line)
    const before = pids.map(alive)

    owner.kill("SIGKILL")

    expect(before).toEqual([true, true])
    await until(() => !pids.some(alive))
  })
})
