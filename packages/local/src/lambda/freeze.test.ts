import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { describe, expect, it } from "vitest"
import { fixture, invoke, procState, until } from "./fixtures/invoke.fixture.ts"
import { startLambda } from "./start-lambda.ts"

const BASIC = fixture("basic.fixture.ts")
const BACKGROUND = fixture("basic.fixture.background")
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

// What the kernel says of a process is in /proc; elsewhere only the listing is looked at.
const onLinux = process.platform === "linux"

describe("between invocations", () => {
  it("stops the process, and lets it run on for the next one", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 1 })

    const { result } = await invoke(lambda)
    const [frozen] = lambda.sandboxes()
    if (onLinux) await until(() => procState(result.pid) === "T")
    const running = invoke(lambda, { waitMs: 100 })
    await until(() => lambda.sandboxes()[0]?.state === "running")
    const whileRunning = procState(result.pid)
    await running

    expect(frozen).toMatchObject({ pid: result.pid, state: "frozen", invocations: 1 })
    expect(whileRunning).not.toBe("T")
    if (onLinux) await until(() => procState(result.pid) === "T")
    expect(lambda.sandboxes()).toMatchObject([{ pid: result.pid, state: "frozen", invocations: 2 }])
  })

  it("stops what goes on in the background", async () => {
    await using lambda = await startLambda({ handler: BACKGROUND, concurrency: 1 })
    await invoke(lambda)

    await pause(200)
    const ticks = Number((await invoke(lambda)).text)

    // 200 ms awake would be 40 ticks.
    expect(ticks).toBeLessThan(10)
  })

  it("leaves the process running where freezing is off", async () => {
    await using lambda = await startLambda({ handler: BACKGROUND, concurrency: 1, freeze: false })
    await invoke(lambda)

    await pause(200)
    const ticks = Number((await invoke(lambda)).text)

    expect(ticks).toBeGreaterThan(10)
    expect(lambda.sandboxes()).toMatchObject([{ state: "idle" }])
  })

  it("is frozen and thawed by hand, too", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 1, freeze: false })
    const { result } = await invoke(lambda)

    lambda.freeze()
    const frozen = lambda.sandboxes()[0]?.state
    if (onLinux) await until(() => procState(result.pid) === "T")
    lambda.thaw()

    expect(frozen).toBe("frozen")
    expect(lambda.sandboxes()[0]?.state).toBe("idle")
    if (onLinux) await until(() => procState(result.pid) !== "T")
    expect((await invoke(lambda)).result.pid).toBe(result.pid)
  })
})

describe("right after init", () => {
  it("freezes prewarmed sandboxes before they have run anything", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 3 })

    await lambda.prewarm(2)
    const pids = lambda.sandboxes().map(({ pid }) => pid)
    if (onLinux) await until(() => pids.every((pid) => procState(pid) === "T"))
    const { result } = await invoke(lambda)

    expect(pids).toContain(result.pid)
    expect(lambda.stats()).toMatchObject({ prewarmed: 2, coldStarts: 0, invocations: 1 })
  })

  it("stops them in the middle of a handshake, which goes on when they are thawed", async () => {
    const heard: string[] = []
    const server = createServer((socket) => {
      socket.on("data", (bytes) => heard.push(bytes.toString()))
      socket.on("error", () => {})
    })
    const sockets = new Promise<Socket>((resolve) => server.once("connection", resolve))
    await once(server.listen(0, "127.0.0.1"), "listening")
    const PORT = String((server.address() as AddressInfo).port)
    await using lambda = await startLambda({ handler: fixture("handshake.fixture.ts"), env: { PORT } })
    await lambda.prewarm(1)

    await once((await sockets).end("hello"), "finish")
    await pause(100)
    const heardFrozen = [...heard]
    const { result } = await invoke(lambda)

    expect(heardFrozen).toEqual([])
    expect(result).toEqual({ greeting: "hello" })
    await until(() => heard.join() === "pleased")
    server.close()
  })

  it("tells a prewarmed sandbox why it was started", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.describe") })
    await lambda.prewarm(1)

    const { result } = await invoke(lambda)

    expect(result.env.AWS_LAMBDA_INITIALIZATION_TYPE).toBe("provisioned-concurrency")
  })

  it("keeps a new sandbox frozen before its first invocation, where that is wished", async () => {
    await using lambda = await startLambda({ handler: BASIC, freeze: { afterInitMs: 150 } })

    const running = invoke(lambda)
    await until(() => lambda.sandboxes()[0]?.state === "frozen")
    const frozenAt = performance.now()
    const { result } = await running

    expect(performance.now() - frozenAt).toBeGreaterThan(100)
    expect(result.invocations).toBe(1)
  })

  it("does not prewarm more than the function may have", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 2 })

    await expect(lambda.prewarm(3)).rejects.toThrow(
      "prewarm takes 0 to 2 sandboxes, not 3: raise concurrency",
    )
  })
})
