import { spawn } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { alive, procState, until } from "../lambda/fixtures/invoke.fixture.ts"
import { startFluid } from "./start-fluid.ts"

const onLinux = process.platform === "linux"
const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url)
const WEB = fixture("web.fixture.ts")
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A server whose one connection says something when the test wants. */
async function someoneToWaitFor() {
  const server = createServer()
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve))
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async [Symbol.asyncDispose]() {
      ;(await connected).destroy()
      server.close()
    },
  }
}

describe("a function", () => {
  it("in the Web's form gets the request as it was sent, and its response arrives as it was made", async () => {
    await using fluid = await startFluid({ handler: WEB })

    const response = await fetch(`${fluid.url}/echo?q=1`, {
      method: "POST",
      body: "the body",
      headers: { "x-given": "yes" },
    })

    expect(response.status).toBe(201)
    expect(await response.text()).toBe("the body")
    expect(response.headers.get("x-method")).toBe("POST")
    expect(response.headers.get("x-url")).toBe(`${fluid.url}/echo?q=1`)
    expect(response.headers.get("x-given")).toBe("yes")
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"])
  })

  it("answers HEAD by its GET, and 405 to a method that it does not export", async () => {
    await using fluid = await startFluid({ handler: WEB })

    const head = await fetch(`${fluid.url}/pid`, { method: "HEAD" })
    const put = await fetch(`${fluid.url}/pid`, { method: "PUT" })

    expect([head.status, await head.text()]).toEqual([200, ""])
    expect(put.status).toBe(405)
  })

  it.each([
    ["node.fixture.ts", "GET /a?b=c"],
    ["fetch.fixture.ts", "fetched by GET"],
    ["common.fixture.cjs", "from CommonJS"],
  ])("may stand in %s, too", async (name, expected) => {
    await using fluid = await startFluid({ handler: fixture(name) })

    const text = await (await fetch(`${fluid.url}/a?b=c`)).text()

    expect(text).toBe(expected)
  })

  it("streams: the first part arrives before the second is made", async () => {
    await using fluid = await startFluid({ handler: WEB })

    const response = await fetch(`${fluid.url}/stream`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()
    await fetch(`${fluid.url}/open`)
    const second = await reader?.read()

    expect([first?.value, second?.value]).toEqual(["first,", "second"])
  })

  it("gets the environment that was given, the platform's names, and nothing of ours", async () => {
    await using fluid = await startFluid({ handler: WEB, env: { MINE: "yes" } })

    const { env, cwd } = (await (await fetch(`${fluid.url}/env`)).json()) as {
      env: Record<string, string>
      cwd: string
    }

    expect(env).toMatchObject({ MINE: "yes", VERCEL: "1", VERCEL_REGION: expect.any(String) })
    expect(env).not.toHaveProperty("VITEST")
    expect(cwd).toBe(fileURLToPath(new URL("./fixtures", import.meta.url)))
  })

  it("serves requests side by side in one process, each in its own context", async () => {
    await using fluid = await startFluid({ handler: WEB })

    const asked = Array.from({ length: 50 }, () => fetch(`${fluid.url}/gather?of=50`))
    const answers = await Promise.all(asked.map(async (response) => (await response).json()))
    const seen = await (await fetch(`${fluid.url}/seen`)).json()

    expect(new Set(answers)).toEqual(new Set([true]))
    expect(seen).toMatchObject({ most: 50 })
    expect(fluid.stats).toMatchObject({ instances: 1, requests: 51 })
  })

  it("knows when the platform gives the request up", async () => {
    await using own = await startFluid({ handler: WEB })
    await using given = await startFluid({ handler: WEB, maxDurationS: 5 })

    const [of60, of5] = await Promise.all(
      [own, given].map(async ({ url }) => {
        const { deadline, now } = (await (await fetch(`${url}/deadline`)).json()) as {
          deadline: string
          now: number
        }
        return Math.round((Date.parse(deadline) - now) / 1_000)
      }),
    )

    expect([of60, of5]).toEqual([60, 5])
  })
})

describe("once nothing keeps it awake, an instance", () => {
  it("is stopped, and goes on with the next request", async () => {
    await using fluid = await startFluid({ handler: WEB })
    const first = await (await fetch(`${fluid.url}/pid`)).json()

    await fluid.until("suspended")
    const [state, since, kernel] = [fluid.state, fluid.suspendedAt, procState(fluid.pid)]
    const second = await (await fetch(`${fluid.url}/pid`)).json()

    expect([state, since]).toEqual(["suspended", expect.any(Number)])
    if (onLinux) expect(kernel).toBe("T")
    expect(second).toEqual(first)
    expect(first).toMatchObject({ pid: fluid.pid, inside: true })
  })

  it("does nothing in the background", async () => {
    await using fluid = await startFluid({ handler: WEB })
    await fetch(fluid.url)
    await fluid.until("suspended")

    const before = Number(await (await fetch(`${fluid.url}/ticks`)).text())
    await fluid.until("suspended")
    await pause(200)
    const after = Number(await (await fetch(`${fluid.url}/ticks`)).text())

    // 200 ms awake would be 40 ticks.
    expect(after - before).toBeLessThan(10)
  })

  it("runs on where suspension is off", async () => {
    await using fluid = await startFluid({ handler: WEB, suspend: false })
    const before = Number(await (await fetch(`${fluid.url}/ticks`)).text())

    await pause(200)
    const after = Number(await (await fetch(`${fluid.url}/ticks`)).text())

    expect(after - before).toBeGreaterThan(10)
    expect(fluid.stats.suspensions).toBe(0)
  })

  it("is given a while first, where that is wished", async () => {
    await using fluid = await startFluid({ handler: WEB, suspendAfterMs: 150 })
    await fluid.until("suspended")
    const idleAt = fluid.until("idle").then(() => Date.now())

    await fetch(fluid.url)
    await idleAt
    await fluid.until("suspended")

    expect(Number(fluid.suspendedAt) - (await idleAt)).toBeGreaterThan(100)
  })

  it("stays up for what was given to waitUntil, and no longer", async () => {
    await using someone = await someoneToWaitFor()
    await using fluid = await startFluid({ handler: WEB })

    const text = await (await fetch(`${fluid.url}/wait?port=${someone.port}`)).text()
    const socket = await someone.connected
    await pause(100)
    const meanwhile = fluid.state
    socket.write("done")
    await fluid.until("suspended")

    expect([text, meanwhile]).toEqual(["answered", "running"])
  })

  it("stays up for it although the client has left", async () => {
    await using someone = await someoneToWaitFor()
    await using fluid = await startFluid({ handler: WEB })
    const leave = new AbortController()
    const response = await fetch(`${fluid.url}/wait?port=${someone.port}`, { signal: leave.signal })
    leave.abort()
    await response.text().catch(() => {})

    const socket = await someone.connected
    await pause(50)
    const meanwhile = fluid.state
    socket.write("done")
    await fluid.until("suspended")

    expect(meanwhile).toBe("running")
  })

  it("stays up for what waits through the handler's second argument", async () => {
    await using fluid = await startFluid({ handler: WEB })

    const startedAt = performance.now()
    await fetch(`${fluid.url}/by-argument`)
    await fluid.until("suspended")

    expect(performance.now() - startedAt).toBeGreaterThan(45)
  })

  it("is up again for a waitUntil that comes after the response", async () => {
    await using someone = await someoneToWaitFor()
    await using fluid = await startFluid({ handler: WEB, suspend: false })
    await fetch(`${fluid.url}/wait-late?port=${someone.port}`)
    const socket = await someone.connected
    await fluid.until("idle")

    socket.write("wait")
    await fluid.until("running")
    socket.write("done")
    await fluid.until("idle")

    expect(fluid.stats.requests).toBe(1)
  })

  it("gives up a waitUntil that never settles when the function's duration is over", async () => {
    await using someone = await someoneToWaitFor()
    await using fluid = await startFluid({ handler: WEB, maxDurationS: 0.3 })
    const startedAt = performance.now()

    await fetch(`${fluid.url}/wait?port=${someone.port}`)
    await fluid.until("suspended")

    expect(performance.now() - startedAt).toBeGreaterThan(250)
  })

  it("survives a promise in waitUntil that is rejected, and says so", async () => {
    await using fluid = await startFluid({ handler: WEB })

    await fetch(`${fluid.url}/wait-reject`)
    await fluid.until("suspended")

    await until(() =>
      fluid.output.includes("a promise given to waitUntil was rejected: Error: came to nothing"),
    )
    expect(fluid.stats.crashes).toBe(0)
  })
})

describe("what goes wrong", () => {
  it("in one request is answered by 500 there, and nowhere else", async () => {
    const lines: string[] = []
    await using fluid = await startFluid({ handler: WEB, log: (line) => lines.push(line) })

    const [thrown, nothing, misuse, fine] = await Promise.all(
      ["throw", "nothing", "misuse", "pid"].map((path) => fetch(`${fluid.url}/${path}`)),
    )

    expect([thrown, nothing, misuse, fine].map((response) => response?.status)).toEqual([500, 500, 500, 200])
    expect(thrown?.headers.get("x-vercel-error")).toBe("FUNCTION_INVOCATION_FAILED")
    await until(() => lines.some((line) => line.includes("Error: planted failure")))
    await until(() => lines.some((line) => line.includes("waitUntil can only be called with a Promise")))
    await until(() => lines.some((line) => line.includes("the handler returned no Response")))
    expect(fluid.stats).toMatchObject({ instances: 1, crashes: 0 })
  })

  it.each([
    ["exit", "the instance exited with status 3"],
    ["reject", "the instance exited with status 1"],
  ])(
    "in the process (%s) ends the instance, every request of which says so; the next starts another",
    async (path, why) => {
      await using fluid = await startFluid({ handler: WEB, suspend: false })
      const { pid } = fluid
      const hanging = fetch(`${fluid.url}/hang`)
      await until(() => fluid.stats.requests === 1)

      const ended = fluid.until("ended")
      const bodies = await Promise.all(
        [fetch(`${fluid.url}/${path}`), hanging].map(async (response) => (await response).text()),
      )
      await ended
      const again = await (await fetch(`${fluid.url}/pid`)).json()

      expect(bodies).toEqual([`FUNCTION_INVOCATION_FAILED: ${why}\n`, `FUNCTION_INVOCATION_FAILED: ${why}\n`])
      expect(again).not.toMatchObject({ pid })
      expect(fluid.stats).toMatchObject({ instances: 2, crashes: 1 })
    },
  )

  it("rejects who waits for a state of an instance that ends", async () => {
    await using fluid = await startFluid({ handler: WEB, suspend: false })

    const waited = fluid.until("suspended").catch((error: Error) => error)
    await fetch(`${fluid.url}/exit`)

    expect(await waited).toMatchObject({
      code: "ERR_INSTANCE_ENDED",
      message: "the instance ended; it never was suspended",
    })
  })

  it("harms nobody else by what it writes past its response", async () => {
    await using fluid = await startFluid({ handler: fixture("rude.fixture.ts"), suspend: false })

    const wrong = await fetch(`${fluid.url}/status`)
    const reported = await fetch(`${fluid.url}/reports`)

    expect([wrong.status, await wrong.text()]).toEqual([
      500,
      expect.stringMatching(/^FUNCTION_INVOCATION_FAILED: .*Invalid character in statusMessage/),
    ])
    expect(await reported.text()).toBe("answered")
    expect(await (await fetch(fluid.url)).text()).toBe("answered")
    expect(fluid.stats).toMatchObject({ instances: 1, crashes: 0 })
  })

  it("is answered by 504 when it takes longer than the function may", async () => {
    await using fluid = await startFluid({ handler: WEB, maxDurationS: 0.3 })

    const response = await fetch(`${fluid.url}/hang`)

    expect([response.status, await response.text()]).toEqual([504, "FUNCTION_INVOCATION_TIMEOUT\n"])
    await fluid.until("suspended")
    expect(await (await fetch(`${fluid.url}/seen`)).json()).toMatchObject({ aborted: 1 })
  })

  it("reaches the handler as an abort when the client leaves", async () => {
    await using fluid = await startFluid({ handler: WEB, suspend: false })
    const leave = new AbortController()
    const left = fetch(`${fluid.url}/hang`, { signal: leave.signal }).catch((error: Error) => error.name)
    await until(() => fluid.output.includes("hanging"))

    leave.abort()
    const idle = fluid.until("idle")

    expect(await left).toBe("AbortError")
    await idle
    expect(await (await fetch(`${fluid.url}/seen`)).json()).toMatchObject({ aborted: 1 })
  })

  it.each([
    ["empty.fixture.ts", /exports no handler: export GET, POST, …, fetch, or a default function/],
    [
      "broken.fixture.ts",
      /^the instance exited with status 1; it wrote last:\nabout to fail[\s\S]*planted at the top/,
    ],
  ])("in %s when it is loaded is shown", async (name, message) => {
    const failed = startFluid({ handler: fixture(name) })

    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.toMatchObject({ code: "ERR_INSTANCE_INIT" })
  })

  it("in an instance that never becomes ready is that", async () => {
    const failed = startFluid({ handler: fixture("stuck.fixture.ts"), initTimeoutMs: 300 })

    await expect(failed).rejects.toThrow("the instance was not ready after 300 ms")
  })
})

describe("the end", () => {
  it("of an instance is SIGTERM, suspended as it is; the next request starts another", async () => {
    await using fluid = await startFluid({ handler: fixture("tidy.fixture.ts"), graceMs: 10_000 })
    const first = await (await fetch(fluid.url)).text()
    await fluid.until("suspended")

    await fluid.terminate()
    const ended = fluid.state
    const second = await (await fetch(fluid.url)).text()

    expect(fluid.output).toContain(`SIGTERM in ${first}\n`)
    expect(ended).toBe("ended")
    expect(second).not.toBe(first)
    expect(fluid.stats).toMatchObject({ instances: 2, crashes: 0 })
  })

  it("comes by SIGKILL to an instance that ignores it", async () => {
    await using fluid = await startFluid({
      handler: fixture("tidy.fixture.ts"),
      env: { STUBBORN: "yes" },
      graceMs: 200,
    })
    const { pid } = fluid
    const startedAt = performance.now()

    await fluid.close()

    expect(performance.now() - startedAt).toBeGreaterThan(150)
    expect(alive(pid)).toBe(false)
    expect(fluid.output).toContain("SIGTERM")
    await expect(fluid.until("running")).rejects.toThrow("it is closed, never running again")
    await expect(fetch(fluid.url)).rejects.toThrow()
  })

  it.each(["suspended", "awake"])("of its owner by SIGKILL takes it along, %s as it is", async (state) => {
    const owner = spawn(process.execPath, [fileURLToPath(fixture("owner.fixture.ts")), state], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [line] = await once(createInterface({ input: owner.stdout }), "line")
    const pid = Number(line)
    const before = alive(pid)

    owner.kill("SIGKILL")

    expect(before).toBe(true)
    await until(() => !alive(pid))
  })
})
