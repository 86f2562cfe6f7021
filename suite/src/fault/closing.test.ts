import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { PoolClosedError } from "@warmpool/core"
import { describe, expect, it, onTestFinished } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { useRig } from "./rig.ts"

const FIXTURE = fileURLToPath(new URL("closing.fixture.ts", import.meta.url))
/** Beyond this a process is not ending by itself: its timers are shorter, those of a server are longer. */
const SOON_MS = 2_500

const STATES = [
  "is idle",
  "has commands in flight",
  "holds a lease",
  "blocks",
  "was never used",
  "has just been given commands",
  "waits for leases",
  "has 20 MB to send",
  "has an aborted command",
  "connects",
] as const

interface Ending {
  readonly code: number | null
  readonly tookMs: number
  readonly stats: unknown
  readonly stderr: string
}

/** Starts the fixture; gives it once it is ready. */
async function startFixture(
  args: readonly string[],
): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", FIXTURE, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  if (!child.stdout) throw new Error("no output")
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  await lines.next()
  return { child, lines }
}

/** Lets the fixture close, and waits for its end. */
async function finish({ child, lines }: Awaited<ReturnType<typeof startFixture>>): Promise<Ending> {
  let stderr = ""
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk)
  })
  const exit = once(child, "exit")
  const startedAt = performance.now()
  child.stdin?.write("go\n")
  const stats = await lines.next()
  const [code] = await exit
  return { code, tookMs: performance.now() - startedAt, stats: JSON.parse(stats.value ?? "null"), stderr }
}

function expectCleanEnd({ code, tookMs, stats, stderr }: Ending, state = ""): void {
  expect(stderr, state).toBe("")
  expect(code, state).toBe(0)
  expect(tookMs, state).toBeLessThan(SOON_MS)
  expect(stats, state).toMatchObject({ connecting: 0, idle: 0, shared: 0, leased: 0, waiting: 0 })
}

describe.each(transports)("a client over $name that was closed", (transport) => {
  const rig = useRig(transport)

  describe.each(["close", "drain"])("by %s", (how) => {
    it.each([
      ["up", STATES.slice(0, 5)],
      ["silent", STATES],
    ])("lets the process end by itself while the server is %s", async (server, states) => {
      const fixtures = await Promise.all(
        states.map((state) => startFixture([transport.name, rig.server.url, state, how])),
      )
      if (server === "silent") await rig.server.pause()

      const endings = await Promise.all(fixtures.map(finish))

      rig.server.resume()
      for (const [index, ending] of endings.entries()) expectCleanEnd(ending, states[index])
    })

    it("lets the process end by itself while the server is away", async () => {
      rig.proxy.refuse()
      const states = ["connects", "keeps trying to connect", "was never used"]
      const fixtures = await Promise.all(
        states.map((state) => startFixture([transport.name, rig.proxy.url(), state, how])),
      )

      const endings = await Promise.all(fixtures.map(finish))

      for (const [index, ending] of endings.entries()) expectCleanEnd(ending, states[index])
    })
  })

  it("tells what was under way what became of it", async () => {
    const redis = await rig.warmClient()
    await rig.server.pause()
    const sent = redis.incr("n")
    const read = redis.get("n")
    await new Promise((resolve) => setImmediate(resolve))
    const queued = redis.incr("n")
    const waiting = redis.blpop("none", 0)

    await redis.close()
    rig.server.resume()

    expect(await failure(sent)).toMatchObject({ name: "OutcomeUnknownError", fate: "unknown" })
    expect(await failure(read)).toMatchObject({ fate: "unknown" })
    expect(await failure(queued)).toMatchObject({ fate: "unsent" })
    expect(await failure(waiting)).toMatchObject({ name: "PoolClosedError" })
  })

  it.each(["close", "drain"] as const)("refuses everything after %s, and bears a second one", async (how) => {
    const redis = await rig.warmClient()
    await redis[how]()
    await redis[how]()

    const attempts = [
      redis.get("k"),
      redis.multi().set("k", "v").exec(),
      redis.blpop("k", 1),
      redis.acquire(),
      redis.use(() => undefined),
      redis.prewarm(),
    ]

    for (const attempt of attempts) {
      const error = await failure(attempt)
      expect(error).toBeInstanceOf(PoolClosedError)
      expect(error).toMatchObject({ fate: "unsent" })
    }
    expect(await redis.pipeline().get("k").exec()).toEqual([[expect.any(PoolClosedError), undefined]])
  })

  it("lets what was issued before a drain finish", async () => {
    const redis = rig.client()
    const issued = [redis.incr("n"), redis.incr("n"), redis.multi().incr("n").exec()]

    await redis.drain()

    expect(await Promise.all(issued)).toEqual([1, 2, [[null, 3]]])
  })
})
