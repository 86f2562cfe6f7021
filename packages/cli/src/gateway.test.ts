import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { run } from "./program.ts"

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url))
const TOKEN = "planted-token-1"

/** Starts the program with nothing in its environment but what is given. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...args], {
    env: { ...env },
  })
}

/** Runs the program to its end, in this process. */
async function runHere(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const said = { out: "", err: "" }
  const code = await run(args, {
    env,
    say: (line) => {
      said.out += `${line}\n`
    },
    warn: (line) => {
      said.err += `${line}\n`
    },
  })
  return { code, ...said }
}

/** The first line that a child says. */
async function firstLine(child: ChildProcess): Promise<string> {
  let said = ""
  for await (const text of child.stdout ?? []) {
    said += text
    if (said.includes("\n")) break
  }
  return said.trimEnd()
}

describe("warmpool gateway", () => {
  it("says where it listens, serves, and ends in order on SIGTERM", async () => {
    await using redis = await startRedis({ password: "planted-password" })
    const child = start(["gateway", "--port", "0", "--head", "--metrics=open"], {
      REDIS_URL: redis.url,
      WARMPOOL_TOKENS: TOKEN,
    })
    const ended = once(child, "close")
    const [, url = ""] =
      /^warmpool gateway listens on (http:\/\/127\.0\.0\.1:\d+)$/.exec(await firstLine(child)) ?? []

    const answer = await fetch(`${url}/set/k/v?_token=${TOKEN}`)
    const health = await fetch(`${url}/healthz`)
    child.kill("SIGTERM")

    expect(await answer.json()).toEqual({ result: "OK" })
    expect(await health.json()).toEqual({ status: "ok" })
    expect(await ended).toEqual([0, null])
    expect(await redis.command("GET", "k")).toBe("v")
    expect(await redis.clients()).toEqual([])
  })

  it("runs tokens of ACL users as those", async () => {
    await using redis = await startRedis()
    await redis.command("ACL", "SETUSER", "one", "on", ">p@ss/w:rd", "~a:*", "+get")
    const tokens = [{ token: TOKEN, user: { username: "one", password: "p@ss/w:rd" } }]
    const child = start(["gateway", "--port=0"], {
      REDIS_URL: redis.url,
      WARMPOOL_TOKENS: JSON.stringify(tokens),
    })
    const ended = once(child, "close")
    const url = (await firstLine(child)).split(" ").at(-1)

    const allowed = await fetch(`${url}/get/a:k?_token=${TOKEN}`)
    const refused = await fetch(`${url}/get/b?_token=${TOKEN}`)
    child.kill("SIGTERM")

    expect(await allowed.json()).toEqual({ result: null })
    expect(await refused.json()).toEqual({ error: expect.stringMatching(/^NOPERM/) })
    await ended
  })

  const env = { REDIS_URL: "redis://u:planted-password@127.0.0.1:1", WARMPOOL_TOKENS: TOKEN }

  it.each<[string, string[], Record<string, string>]>([
    ["set REDIS_URL", ["gateway"], { WARMPOOL_TOKENS: TOKEN }],
    ["set WARMPOOL_TOKENS, or --tokens-file", ["gateway"], { REDIS_URL: env.REDIS_URL }],
    ["unknown flag --prot: did you mean --port?", ["gateway", "--prot", "1"], env],
    ["--token would show a secret to everybody", ["gateway", "--token", TOKEN], env],
    ["--redis-url would show a secret to everybody", ["gateway", `--redis-url=${env.REDIS_URL}`], env],
    ["--port takes a whole number", ["gateway", "--port", "http"], env],
    ["port takes a whole number from 0 to 65535", ["gateway", "--port", "70000"], env],
    ["a flag lacks its value", ["gateway", "--port"], env],
    ["unknown flag -p: see --help", ["gateway", "-p", "1"], env],
    ["warmpool: PORT takes a whole number", ["gateway"], { ...env, PORT: "http" }],
    ["cors: origins takes", ["gateway", "--cors", "https://app.example/"], env],
    ["gateway takes flags alone", ["gateway", "planted-token-1"], env],
    ['metrics takes "off" or "token" or "open"', ["gateway", "--metrics", "all"], env],
    ["tokens[0]: a token has at least 8 characters", ["gateway"], { ...env, WARMPOOL_TOKENS: "planted" }],
    [
      "tokensFile can't be read: ENOENT",
      ["gateway", "--tokens-file", "/nowhere"],
      { REDIS_URL: env.REDIS_URL },
    ],
    ["tokens and tokensFile contradict", ["gateway", "--tokens-file", "/nowhere"], env],
    ["the URL does not begin with", ["gateway"], { ...env, REDIS_URL: "rediz://planted-password@x" }],
    ["there is no such command", ["gatway"], env],
  ])("ends with 1 and one line: %s", async (message, args, given) => {
    const { code, out, err } = await runHere(args, given)

    expect(err).toContain(message)
    expect(err).toMatch(/^warmpool: [^\n]+\n$/)
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).not.toContain("planted")
  })

  it("ends its process with 1 where an option is wrong", async () => {
    const child = start(["gateway"])

    expect(await once(child, "close")).toEqual([1, null])
  })

  it("explains itself", async () => {
    const all = await runHere(["--help"])
    const one = await runHere(["gateway", "--help"])
    const short = [await runHere(["-h"]), await runHere(["gateway", "-h"])]

    expect(all).toMatchObject({ code: 0, out: expect.stringContaining("npx warmpool gateway") })
    expect(one).toMatchObject({ code: 0, out: expect.stringContaining("--tokens-file") })
    expect(short).toEqual([all, one])
  })

  it("says that a tokens file has become wrong, and what to change, and goes on with the old ones", async () => {
    await using redis = await startRedis()
    const folder = await mkdtemp(join(tmpdir(), "warmpool-cli-"))
    const file = join(folder, "tokens")
    await writeFile(file, TOKEN)
    const child = start(["gateway", "--port", "0", "--tokens-file", file], { REDIS_URL: redis.url })
    const ended = once(child, "close")
    const url = (await firstLine(child)).split(" ").at(-1)

    await writeFile(`${file}.new`, '{"token":"planted-token-2"}')
    await rename(`${file}.new`, file)
    const [warning] = await once(child.stderr ?? child, "data")
    const { status } = await fetch(`${url}/get/k?_token=${TOKEN}`)
    child.kill("SIGTERM")

    expect(String(warning)).toBe("warmpool gateway: tokens as JSON are an array: put [ and ] around them\n")
    expect(status).toBe(200)
    await ended
    await rm(folder, { recursive: true })
  })

  it("says that Redis does not answer, without its address' secrets, and serves on", async () => {
    const child = start(["gateway", "--port", "0"], env)
    const ended = once(child, "close")
    const url = (await firstLine(child)).split(" ").at(-1)
    const [warning] = await once(child.stderr ?? child, "data")

    const { status, headers } = await fetch(`${url}/get/k?_token=${TOKEN}`)
    child.kill("SIGTERM")

    expect(String(warning)).toContain("Redis does not answer yet")
    expect(String(warning)).not.toContain("planted")
    expect([status, headers.get("warmpool-not-run")]).toEqual([503, "1"])
    await ended
  })
})
