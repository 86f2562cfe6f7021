import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { alive, fixture, invoke, until } from "./fixtures/invoke.fixture.ts"
import type { LambdaOptions } from "./options.ts"
import { startLambda } from "./start-lambda.ts"

const failing = (name: string, options: Partial<LambdaOptions> = {}) =>
  startLambda({ handler: fixture(`failing.fixture.${name}`), concurrency: 1, ...options })

describe("a handler that fails", () => {
  it("answers with its error, and keeps its sandbox", async () => {
    await using lambda = await failing("throws")

    const first = await invoke(lambda, {}, { LogType: "Tail" })
    const second = await invoke(lambda)

    expect(first).toMatchObject({ status: 200, error: "Unhandled" })
    expect(first.result).toEqual({
      errorType: "RangeError",
      errorMessage: "out of range",
      trace: expect.arrayContaining(["RangeError: out of range"]),
    })
    expect(first.log).toContain(
      '\tERROR\tInvoke Error\t{"errorType":"RangeError","errorMessage":"out of range"',
    )
    expect(second.error).toBe("Unhandled")
    expect(lambda.stats()).toMatchObject({ coldStarts: 1, errors: 2 })
  })

  it.each([
    ["throwsText", { errorType: "string", errorMessage: "just text", trace: [] }],
    ["circular", { errorType: "TypeError", errorMessage: expect.stringContaining("circular structure") }],
    ["neverSettles", { errorType: "Runtime.NodeJsExit" }],
    ["huge", { errorType: "Function.ResponseSizeTooLarge" }],
  ])("%s: answers as Lambda does", async (name, expected) => {
    await using lambda = await failing(name)

    const { error, result } = await invoke(lambda)

    expect(error).toBe("Unhandled")
    expect(result).toMatchObject(expected)
    expect(lambda.sandboxes()).toMatchObject([{ state: "frozen" }])
  })
})

describe("a process that ends during an invocation", () => {
  it.each([
    ["exits", { code: 1 }, "Runtime exited with error: exit status 1"],
    ["exits", { code: 0 }, "Runtime exited without providing a reason"],
    ["killsItself", {}, "Runtime exited with error: signal: killed"],
  ])("%s %j: answers with %s, and the next invocation gets a new sandbox", async (name, event, message) => {
    await using lambda = await failing(name)

    const { error, result, requestId, log } = await invoke(lambda, event, { LogType: "Tail" })
    await invoke(lambda, event)

    expect(error).toBe("Unhandled")
    expect(result).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: ${message}`,
    })
    expect(log).toContain(`RequestId: ${requestId} Error: ${message}\nRuntime.ExitError\n`)
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 2 })
  })

  it("names a stray rejection, and that the process ended with it", async () => {
    const lines: string[] = []
    await using lambda = await failing("strayRejection", { log: (line) => lines.push(line) })

    const { error, result } = await invoke(lambda)
    await until(() => lambda.sandboxes().length === 0)

    expect(error).toBe("Unhandled")
    expect(result).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "Error: nobody listens",
    })
    expect(lines.some((line) => line.includes("\tERROR\tUnhandled Promise Rejection\t"))).toBe(true)
  })

  it("names an error that nobody caught", async () => {
    await using lambda = await failing("strayThrow")

    const { result } = await invoke(lambda)

    expect(result).toMatchObject({ errorType: "Error", errorMessage: "nobody catches" })
    await until(() => lambda.sandboxes().length === 0)
  })

  it("kills a sandbox that takes more memory than it has", async () => {
    await using lambda = await failing("hoards", { memory: 256, timeoutMs: 10_000 })

    const { result } = await invoke(lambda)

    expect(result).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(
        process.platform === "linux" ? /signal: killed$/ : /signal: aborted$/,
      ),
    })
  })

  it("answers when the process is killed while it is frozen, with a new sandbox", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.ts"), concurrency: 1 })
    const { result } = await invoke(lambda)

    process.kill(result.pid, "SIGKILL")
    await until(() => lambda.sandboxes().length === 0)
    const next = await invoke(lambda)

    expect(next.error).toBeUndefined()
    expect(next.result.pid).not.toBe(result.pid)
  })
})

describe("a timeout", () => {
  it.each(["hangs", "spins"])("%s: ends the sandbox; the next invocation gets a new one", async (name) => {
    await using lambda = await failing(name, { timeoutMs: 250 })

    const running = invoke(lambda, {}, { LogType: "Tail" })
    await until(() => lambda.sandboxes()[0]?.state === "running")
    const pid = lambda.sandboxes()[0]?.pid
    const { error, result, requestId, log } = await running
    await invoke(lambda)

    expect(error).toBe("Unhandled")
    expect(result).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.25 seconds`,
    })
    expect(log).toContain("Status: error\tError Type: Sandbox.Timedout")
    expect(lambda.stats().coldStarts).toBe(2)
    await until(() => !alive(pid))
  })
})

describe("an init that fails", () => {
  const init = (INIT: string, options: Partial<LambdaOptions> = {}) =>
    startLambda({ handler: fixture("init.fixture.ts"), env: { INIT }, ...options })

  it("is tried once more, then answers with the error it threw", async () => {
    const lines: string[] = []
    await using lambda = await init("throws", { log: (line) => lines.push(line) })

    const { error, result } = await invoke(lambda)

    expect(error).toBe("Unhandled")
    expect(result).toMatchObject({ errorType: "RangeError", errorMessage: "no start" })
    const reports = lines.filter((line) => line.startsWith("INIT_REPORT"))
    expect(reports).toEqual(
      [1, 2].map(() => expect.stringContaining("Status: error\tError Type: RangeError")),
    )
  })

  it("is forgotten when the second try succeeds", async () => {
    const folder = mkdtempSync(join(tmpdir(), "warmpool-init-"))
    await using lambda = await init("", { env: { INIT: "fails once", MARK: join(folder, "mark") } })

    const { error, text } = await invoke(lambda)

    expect([error, text]).toEqual([undefined, '"up"'])
    rmSync(folder, { recursive: true })
  })

  it("names the exit status of a process that ends while it loads", async () => {
    await using lambda = await init("exits")

    const { result, requestId } = await invoke(lambda)

    expect(result).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 7`,
    })
  })

  it("ends an init that takes too long", async () => {
    await using lambda = await init("hangs", { initTimeoutMs: 150 })

    const { result } = await invoke(lambda)

    expect(result).toEqual({ errorType: "Sandbox.Timedout", errorMessage: "init took longer than 150 ms" })
  })

  it.each([
    ["missing", "Runtime.HandlerNotFound", "basic.fixture.missing is undefined or not exported"],
    ["notAFunction", "Runtime.HandlerNotFound", "basic.fixture.notAFunction is not a function"],
  ])("%s: answers with %s", async (name, errorType, errorMessage) => {
    await using lambda = await startLambda({ handler: fixture(`basic.fixture.${name}`) })

    expect((await invoke(lambda)).result).toMatchObject({ errorType, errorMessage })
  })

  it("rejects a prewarm, and leaves no sandbox", async () => {
    await using lambda = await init("throws")

    await expect(lambda.prewarm(1)).rejects.toMatchObject({
      code: "ERR_SANDBOX_INIT",
      message: "RangeError: no start",
    })

    await until(() => lambda.sandboxes().length === 0)
  })

  it("says so when the runtime's command does not exist", async () => {
    await using lambda = await startLambda({
      handler: fixture("basic.fixture.ts"),
      runtime: ["/no/such/runtime"],
    })

    const { result } = await invoke(lambda)

    expect(result).toMatchObject({
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: expect.stringContaining("ENOENT"),
    })
  })
})
