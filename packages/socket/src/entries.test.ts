import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { ConfigError } from "@warmpool/core"
import { startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { socketTransport } from "./unsupported.ts"

const run = promisify(execFile)
const source = (file: string) => readFile(new URL(file, import.meta.url), "utf8")

/** Every file that an entry imports, itself included. */
async function filesOf(entry: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  const imports = (await source(entry)).matchAll(/^(?:import|export) (?!type).*? from "(\..*?)"/gm)
  for (const [, path = ""] of imports) {
    const base = new URL(entry, "file:///")
    await filesOf(`.${new URL(path, base).pathname}`, seen)
  }
  return seen
}

describe("where there are no sockets", () => {
  it("says so, and what to use instead", () => {
    const open = () => socketTransport({ host: "localhost" })

    expect(open).toThrow(ConfigError)
    expect(open).toThrow(/upstashTransport of @warmpool\/upstash/)
  })
})

describe("the entry of workerd", () => {
  it("needs nothing of Node", async () => {
    const files = await filesOf("./workerd.ts")

    expect(files).toContain("./handshake.ts")
    for (const file of files) {
      const code = (await source(file)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
      expect(code, file).not.toMatch(/"node:|\b(?:Buffer|process)\.|setImmediate/)
    }
  })
})

describe("a process", () => {
  const program = (url: string, ending: string) => `
    import { socketTransport } from ${JSON.stringify(new URL("./node.ts", import.meta.url).href)}
    const transport = socketTransport({ url: ${JSON.stringify(url)} })
    const connection = await transport.connect({ signal: new AbortController().signal })
    const reply = await new Promise((resolve, reject) =>
      connection.send([{ args: ["PING"], decode: "text", resolve, reject, lose: reject }]))
    ${ending}
    console.log(reply, process.getActiveResourcesInfo().length > 0, process.moduleLoadList.some((name) => / tls$/.test(name)))
  `
  const start = async (ending: string) => {
    await using redis = await startRedis()
    return await run(process.execPath, ["--input-type=module", "--eval", program(redis.url, ending)], {
      timeout: 10_000,
    })
  }

  it("ends by itself once its connection is closed, and has not loaded TLS", async () => {
    const { stdout } = await start("await connection.close()")

    expect(stdout).toMatch(/^PONG \w+ false\n$/)
  })

  it("ends by itself once its connection is destroyed", async () => {
    const { stdout } = await start("connection.destroy(new Error('over'))")

    expect(stdout).toMatch(/^PONG /)
  })

  it("stays up while a connection is open", async () => {
    const { stdout } = await start(
      "setTimeout(() => process.exit(), 200).unref(); process.on('exit', () => console.log('up'))",
    )

    expect(stdout).toMatch(/^PONG true false\nup\n$/)
  })
})
