import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { startExtensionsApi } from "./extensions-api.fixture.ts"

const FIXTURE = fileURLToPath(new URL("./sandbox.fixture.ts", import.meta.url))

let server: RedisServer
const started: ChildProcess[] = []

beforeAll(async () => {
  server = await startRedis()
})

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL")
})

afterAll(() => server.close())

/** A process beside an Extensions API; resolves once it has said that it is up. */
async function start(plan: object, runtimeApi: string | undefined) {
  const env = { ...process.env, ...(runtimeApi !== undefined && { AWS_LAMBDA_RUNTIME_API: runtimeApi }) }
  const args = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", FIXTURE]
  const child = spawn(
    process.execPath,
    [...args, JSON.stringify({ url: server.url, next: "serve", ...plan })],
    {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  )
  started.push(child)
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal, at: performance.now() }))
  const lines: string[] = []
  let errors = ""
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text
  })
  const up = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line)
    if (line.startsWith("up")) up.resolve()
  })
  void exited.then(() => up.reject(new Error(`it ended before it was up: ${errors}`)))
  await up.promise
  return { child, exited, lines, errors: () => errors }
}

describe("the extension", () => {
  it("is registered before the event loop turns, which is when the runtime asks for its first event", async () => {
    await using api = await startExtensionsApi("takes")
    const startedAt = performance.now()
    await start({ blockMs: 1_000 }, api.address)
    const upAt = performance.now()

    expect(api.asked[0]).toMatchObject({
      action: "POST /2020-01-01/extension/register",
      name: "warmpool",
      body: '{"events":[]}',
    })
    expect(upAt - startedAt).toBeGreaterThan(1_000)
    expect(upAt - (api.asked[0]?.at ?? upAt)).toBeGreaterThan(500)
  })

  it("is registered once for all clients, and asks for its next event: init waits for that", async () => {
    await using api = await startExtensionsApi("takes")

    const { lines, errors } = await start({ clients: 3 }, api.address)

    expect(lines.at(-1)).toBe("up, 1 listening")
    expect(api.asked.map(({ action, identifier }) => [action, identifier])).toEqual([
      ["POST /2020-01-01/extension/register", undefined],
      ["GET /2020-01-01/extension/event/next", "the-identifier"],
    ])
    expect(errors()).toBe("")
  })

  it("is not there outside Lambda, or when told so", async () => {
    await using api = await startExtensionsApi("takes")

    const outside = await start({}, undefined)
    const told = await start({ closeOnShutdown: false }, api.address)

    expect([outside.lines.at(-1), told.lines.at(-1)]).toEqual(["up, 0 listening", "up, 0 listening"])
    expect(api.asked).toEqual([])
  })

  it("asks for its next event however slow Lambda is: a sandbox that never did would never start", async () => {
    await using api = await startExtensionsApi("takes slowly")

    const { lines, errors } = await start({}, api.address)
    await vi.waitUntil(() => api.asked.length === 2, { timeout: 5_000 })

    expect(api.asked[1]).toMatchObject({ identifier: "the-identifier" })
    expect(Number(lines[0]?.replace("made in ", ""))).toBeLessThan(1_500)
    expect(errors()).toBe("")
  })

  it.each<["refuses" | "hangs up", string]>([
    [
      "refuses",
      "Lambda refused the extension with status 403: is createRedis called in init, at module scope?",
    ],
    ["hangs up", "Lambda closed the connection"],
  ])("only warns when Lambda %s", async (manner, why) => {
    await using api = await startExtensionsApi(manner)

    const { child, exited, errors } = await start({}, api.address)
    child.kill("SIGTERM")

    expect(await exited).toMatchObject({ code: 0 })
    expect(errors()).toContain(`Warning: warmpool will not close its connections at shutdown: ${why}`)
  })

  it.each([
    ["127.0.0.1:1", /EPIPE|ECONNREFUSED|ECONNRESET/],
    ["not an address", /Invalid IP address/],
    ["nowhere:1", /Invalid IP address/],
    ["", /Invalid IP address/],
  ])("only warns when there is no API at %j", async (address, why) => {
    const { exited, errors } = await start({ next: "close" }, address)

    expect(await exited).toMatchObject({ code: 0 })
    expect(errors()).toContain("Warning: warmpool will not close its connections at shutdown: ")
    expect(errors()).toMatch(why)
  })

  it("does not keep the sandbox waiting when Lambda is silent", async () => {
    await using api = await startExtensionsApi("is silent")

    const { exited, lines } = await start({ next: "close" }, api.address)

    expect(await exited).toMatchObject({ code: 0 })
    expect(Number(lines[0]?.replace("made in ", ""))).toBeLessThan(1_500)
  })
})

describe("SIGTERM", () => {
  it("closes every connection in order and ends the process", async () => {
    await using api = await startExtensionsApi("takes")
    const { child, exited } = await start({ clients: 3 }, api.address)
    const before = await server.clients()

    child.kill("SIGTERM")

    expect(await exited).toMatchObject({ code: 0, signal: null })
    expect(before).toHaveLength(3)
    expect(await server.clients()).toEqual([])
  })

  it("closes within 300 ms even if the server is silent and owes a reply", async () => {
    const times: number[] = []
    // More than once, because a busy machine may hold up any one process.
    for (let time = 0; time < 3; time += 1) {
      await using api = await startExtensionsApi("takes")
      await using proxy = await startFaultProxy({ target: server })
      const { child, exited } = await start({ url: proxy.url(), clients: 3, next: "hang" }, api.address)
      await proxy.until(({ open }) => open === 4)
      proxy.silence({ newConnections: "silent" })

      const termAt = performance.now()
      child.kill("SIGTERM")
      const { code, at } = await exited

      expect(code).toBe(0)
      times.push(at - termAt)
    }

    expect(Math.min(...times)).toBeLessThan(300)
  })

  it("leaves the end of the process to others who listen, and who may need longer", async () => {
    await using api = await startExtensionsApi("takes")
    const { child, exited, lines } = await start({ otherNeedsMs: 250 }, api.address)

    child.kill("SIGTERM")

    expect(await exited).toMatchObject({ code: 7 })
    expect(lines.at(-1)).toBe("the other finished")
    expect(await server.clients()).toEqual([])
  })
})

describe("close()", () => {
  it("lets the process end by itself, extension or not", async () => {
    await using api = await startExtensionsApi("takes")
    const inside = await start({ next: "close" }, api.address)
    const outside = await start({ next: "close" }, undefined)

    expect(await inside.exited).toMatchObject({ code: 0 })
    expect(await outside.exited).toMatchObject({ code: 0 })
  })
})
