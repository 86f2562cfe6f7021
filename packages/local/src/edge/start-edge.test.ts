import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import { alive, until } from "../lambda/fixtures/invoke.fixture.ts"
import { source } from "./fixtures/web.fixture.ts"
import type { EdgeOptions } from "./options.ts"
import { startEdge } from "./start-edge.ts"

const DEFAULT = new URL("./fixtures/default.fixture.cjs", import.meta.url)

/** An HTTP server that answers when the test says so. */
async function someoneToAsk() {
  const server = createServer((_request, response) => asked.resolve(response))
  const asked = Promise.withResolvers<ServerResponse>()
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: asked.promise,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

describe("a function at the Edge", () => {
  it("has what the platform has, and nothing of Node", async () => {
    await using edge = await startEdge({ source })

    const globals = await (await fetch(`${edge.url}/globals`)).json()

    expect(globals).toEqual({
      setImmediate: "undefined",
      clearImmediate: "undefined",
      Buffer: "undefined",
      process: "undefined",
      require: "undefined",
      global: "undefined",
      __dirname: "undefined",
      fetch: "function",
      Request: "function",
      Response: "function",
      crypto: "object",
      setTimeout: "function",
      TextEncoder: "function",
      AsyncLocalStorage: "function",
      EdgeRuntime: "string",
    })
  })

  it("finds in process.env what was given and the platform's names, and nothing else in process", async () => {
    await using edge = await startEdge({ source, env: { MINE: "yes" } })

    const { env, names } = (await (await fetch(`${edge.url}/env`)).json()) as {
      env: Record<string, string>
      names: string[]
    }

    expect(names).toEqual(["env"])
    expect(env).toMatchObject({ MINE: "yes", VERCEL: "1" })
    expect(env).not.toHaveProperty("PATH")
    expect(env).not.toHaveProperty("VITEST")
  })

  it("gets the request as it was sent, and its response arrives as it was made", async () => {
    await using edge = await startEdge({ source })

    const response = await fetch(`${edge.url}/echo?q=1`, { method: "POST", body: "the body" })

    expect([response.status, await response.text()]).toEqual([201, "the body"])
    expect(response.headers.get("x-method")).toBe("POST")
    expect(response.headers.get("x-url")).toBe(`${edge.url}/echo?q=1`)
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"])
  })

  it("streams, fetches, and may not make code of strings", async () => {
    using someone = await someoneToAsk()
    void someone.asked.then((response) => response.end("hello"))
    await using edge = await startEdge({ source })

    const streamed = await (await fetch(`${edge.url}/stream`)).text()
    const fetched = await (await fetch(`${edge.url}/fetch?url=${someone.url}`)).text()
    const evaluated = await fetch(`${edge.url}/eval`)

    expect([streamed, fetched, evaluated.status]).toEqual(["part 1,part 2,part 3,", "it said hello", 500])
    await until(() => edge.output.includes("EvalError"))
  })

  it("may be a file with a default function", async () => {
    await using edge = await startEdge({ handler: DEFAULT })

    expect(await (await fetch(edge.url, { method: "DELETE" })).text()).toBe("default by DELETE")
  })

  it("has a context of its own in each of many requests", async () => {
    await using edge = await startEdge({ source })

    const asked = Array.from({ length: 30 }, async () => (await fetch(`${edge.url}/context`)).json())

    expect(new Set(await Promise.all(asked))).toEqual(new Set([true]))
    expect(edge.stats.instances).toBe(1)
  })

  it.each(["", "&argument"])("is not idle before what it waits for is there (%j)", async (by) => {
    using someone = await someoneToAsk()
    await using edge = await startEdge({ source })

    const text = await (await fetch(`${edge.url}/wait?url=${someone.url}${by}`)).text()
    const response = await someone.asked
    const meanwhile = edge.state
    response.end("news")
    await edge.until("idle")

    expect([text, meanwhile]).toEqual(["answered", "running"])
    await until(() => edge.output.includes("heard news"))
  })
})

describe("what goes wrong at the Edge", () => {
  it("in one request is answered by 500 there, and logged", async () => {
    await using edge = await startEdge({ source })

    const [thrown, nothing, missing] = await Promise.all(
      ["throw", "nothing", "elsewhere"].map((path) => fetch(`${edge.url}/${path}`)),
    )
    const put = await fetch(`${edge.url}/echo`, { method: "PUT" })

    expect([thrown, nothing, missing, put].map((response) => response?.status)).toEqual([500, 500, 404, 405])
    expect(thrown?.headers.get("x-vercel-error")).toBe("FUNCTION_INVOCATION_FAILED")
    await until(() => edge.output.includes("planted failure"))
    await until(() => edge.output.includes("the handler returned no Response"))
  })

  it("outside of any request ends it; the next request starts another", async () => {
    await using edge = await startEdge({ source })
    const { pid } = edge

    const body = await (await fetch(`${edge.url}/reject`)).text()
    const again = await fetch(`${edge.url}/context`)

    expect(body).toBe("FUNCTION_INVOCATION_FAILED: the instance exited with status 1\n")
    expect(again.status).toBe(200)
    expect(edge.pid).not.toBe(pid)
    expect(alive(pid)).toBe(false)
    expect(edge.output).toContain("nobody caught it")
  })

  it("is told by the signal when the client leaves", async () => {
    await using edge = await startEdge({ source })
    const leave = new AbortController()
    const left = fetch(`${edge.url}/hang`, { signal: leave.signal }).catch((error: Error) => error.name)
    await until(() => edge.output.includes("hanging"))

    leave.abort()

    expect(await left).toBe("AbortError")
    await edge.until("idle")
    await until(() => edge.output.includes("aborted AbortError"))
  })

  it.each<[string, RegExp]>([
    ["export const GET = () => new Response()", /is an ES module; bundle it in CommonJS form: esbuild/],
    ['require("node:net")', /the Edge runtime has no module "node:net": bundle it, or leave it out/],
    ["exports.nothing = 1", /exports no handler: export GET, POST/],
    ["Buffer.from('x')", /ReferenceError: Buffer is not defined/],
  ])("in the bundle %j is shown when it is loaded", async (broken, message) => {
    const failed = startEdge({ source: broken })

    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.toMatchObject({ code: "ERR_INSTANCE_INIT" })
  })

  it.each<[unknown, string]>([
    [{ source, handlr: 1 }, 'unknown option "handlr": did you mean "handler"?'],
    [{ source, handler: DEFAULT }, "handler and source exclude each other: give one"],
    [{ source: 1 }, "source must be the text of a bundle"],
    [{}, "handler must be a path or a file: URL"],
    [{ source, maxDurationS: -1 }, "maxDurationS must be a number from 0.001 to 900, not -1"],
    [undefined, "startEdge needs options"],
  ])("in the options is refused: %#", async (options, message) => {
    const refused = startEdge(options as EdgeOptions)

    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ code: "ERR_CONFIG" })
  })
})
