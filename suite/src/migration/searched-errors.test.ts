import { once } from "node:events"
import { globSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type RedisServer, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const README = readFileSync(join(ROOT, "README.md"), "utf8")

const [, section = ""] =
  /^## The errors people search for\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(README) ?? []
const headings = [...section.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading)

/** The sources of a package as it is installed. */
function sourcesOf(pattern: string): string {
  const files = globSync(pattern, { cwd: join(ROOT, "node_modules") })
  return files.map((file) => readFileSync(join(ROOT, "node_modules", file), "utf8")).join("\n")
}

/** What a server says to a command that it does not run. */
async function refusalOf(server: RedisServer, ...command: readonly string[]): Promise<string> {
  return server.command(...command).then(
    (reply) => (reply instanceof Error ? reply.message : String(reply)),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

describe("the errors in the README", () => {
  it("are at least ten, each with an answer", () => {
    const answers = section.split(/^### .*$/m).slice(1)

    expect(headings.length).toBeGreaterThanOrEqual(10)
    expect(new Set(headings).size).toBe(headings.length)
    expect(answers.filter((answer) => answer.trim().length < 80)).toEqual([])
  })

  it.each([
    "Stream isn't writeable and enableOfflineQueue options is false",
    "Connection is closed.",
    'Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
    "Command timed out",
    "Failed to refresh slots cache.",
  ])("are ioredis' own words: %s", (message) => {
    const sources = sourcesOf("ioredis/built/**/*.js").replace(/\(which is \$\{\w+\}\)/, "(which is 20)")

    expect(headings).toContain(message)
    expect(sources).toContain(message)
  })

  it("are the words of @vercel/functions: Unsupported database pool type", () => {
    expect(headings).toContain("Unsupported database pool type")
    expect(sourcesOf("@vercel/functions/**/*.js")).toContain("Unsupported database pool type")
  })

  it("are a replica's own words", async () => {
    await using server = await startRedis()
    await server.command("REPLICAOF", "127.0.0.1", "1")

    expect(headings).toContain(await refusalOf(server, "SET", "k", "v"))
  })

  it("are the words of a cluster's node", async () => {
    await using server = await startRedis({ args: ["--cluster-enabled", "yes"] })
    await server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")

    expect(headings).toContain(await refusalOf(server, "MSET", "a", "1", "b", "2"))
  })

  it("are the words of a server that has as many clients as it takes", async () => {
    await using server = await startRedis()
    await server.command("CONFIG", "SET", "maxclients", "1")
    const sockets = [connect(server.port, server.host), connect(server.port, server.host)]

    const [words] = await Promise.race(sockets.map((socket) => once(socket, "data")))
    for (const socket of sockets) socket.destroy()

    const said = String(words).replace(/^-/, "").trim()
    expect(headings).toContain(said)
  })
})
