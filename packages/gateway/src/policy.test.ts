import { describe, expect, it } from "vitest"
import { readGrants, type TokenOptions } from "./grants.ts"
import { judge, mayListen } from "./policy.ts"
import type { Command } from "./target.ts"

function refusal(command: Command, options: Omit<TokenOptions, "token"> = {}): string | undefined {
  const [grant] = readGrants([{ token: "some-token", ...options }])
  const verdict = grant && judge(grant, command)
  return verdict && "refusal" in verdict ? verdict.refusal : undefined
}

const words = (line: string) => line.split(" ")

describe("a full token", () => {
  it.each([
    "GET k",
    "set k v",
    "EVAL x 1 k",
    "FLUSHALL",
    "KEYS *",
    "SCRIPT LOAD x",
    "CLIENT ID",
    "XREAD STREAMS s 0",
  ])("may %s", (line) => expect(refusal(words(line))).toBeUndefined())

  it.each([
    "SUBSCRIBE c",
    "MONITOR",
    "MULTI",
    "WATCH k",
    "SELECT 1",
    "AUTH x",
    "HELLO 3",
    "CLIENT REPLY OFF",
    "CLIENT SETNAME x",
    "client kill id 1",
    "BLPOP k 0",
    "XREAD BLOCK 0 STREAMS s $",
    "WAIT 1 0",
    "CONFIG GET *",
    "SHUTDOWN",
    "DEBUG SLEEP 1",
    "ACL LIST",
    "MIGRATE h 1 k 0 1",
    "SCRIPT DEBUG YES",
  ])("may not %s, which blocks, changes the connection or is administrative", (line) =>
    expect(refusal(words(line))).toMatch(/^ERR Command is not available: '[A-Z]/),
  )

  it.each([
    ["config\0x", "GET"],
    ["con fig"],
    [""],
    ["x".repeat(65)],
    [Uint8Array.of(0xff, 0xfe)],
    ["client", "reply\0x", "off"],
    ["ſet", "k", "v"],
  ])("may not send %j, a name that the server could read otherwise", (...command) =>
    expect(refusal(command)).toMatch(/^ERR unknown/),
  )

  it("may not hide BLOCK behind a NUL, where the server's reading of it ends", () => {
    expect(refusal(["XREAD", "BLOCK\0", "0", "STREAMS", "s", "$"])).toMatch(/not available/)
    const group = ["XREADGROUP", "GROUP\0", "streams", "c", "BLOCK", "0", "STREAMS", "s", ">"]
    expect(refusal(group)).toMatch(/not available/)
  })

  it("is judged alike where the name comes as bytes", () => {
    const name = new TextEncoder().encode("shutdown")

    expect(refusal([name])).toMatch(/not available/)
  })
})

describe("a list of commands", () => {
  it("lets through what it names, and nothing else", () => {
    expect(refusal(["GET", "k"], { commands: ["get"] })).toBeUndefined()
    expect(refusal(["SET", "k", "v"], { commands: ["GET"] })).toBe(
      "NOPERM this user has no permissions to run the 'set' command or its subcommand",
    )
  })

  it("lets through what is refused by default, beside all others with *", () => {
    const options = { commands: ["*", "config", "blpop"] }

    expect(refusal(["CONFIG", "GET", "*"], options)).toBeUndefined()
    expect(refusal(["BLPOP", "k", "0"], options)).toBeUndefined()
    expect(refusal(["GET", "k"], options)).toBeUndefined()
    expect(refusal(["DEBUG", "SLEEP", "1"], options)).toMatch(/not available/)
  })

  it("can't name what changes the connection", () => {
    expect(refusal(["SELECT", "1"], { commands: ["select"] })).toMatch(/not available/)
    expect(refusal(["CLIENT", "REPLY", "OFF"], { commands: ["*", "client"] })).toMatch(/not available/)
  })
})

describe("a read-only token", () => {
  const options = { access: "read-only" } as const

  it.each(["GET k", "HGETALL h", "EVAL_RO x 0", "OBJECT ENCODING k", "DBSIZE"])("may %s", (line) =>
    expect(refusal(words(line), options)).toBeUndefined(),
  )

  it.each([
    "SET k v",
    "DEL k",
    "GETEX k",
    "EVAL x 0",
    "FLUSHALL",
    "PUBLISH c m",
    "KEYS *",
    "SCAN 0",
    "NOSUCH k",
  ])("may not %s", (line) =>
    expect(refusal(words(line), options)).toMatch(/^NOPERM this user has no permissions to run the '/),
  )
})

describe("a prefix", () => {
  const options = { prefix: "a:" }

  it.each([
    "GET a:k",
    "MSET a:k 1 a:l 2",
    "ZUNIONSTORE a:d 2 a:x a:y",
    "SORT a:l BY a:w_* GET # STORE a:d",
    "XREAD STREAMS a:s 0",
    "PUBLISH a:c m",
    "OBJECT ENCODING a:k",
    "PING",
  ])("lets through %s", (line) => expect(refusal(words(line), options)).toBeUndefined())

  it.each([
    "GET k",
    "MSET a:k 1 l 2",
    "ZUNIONSTORE a:d 2 a:x y",
    "SORT a:l GET *",
    "SORT a:l STORE d",
    "COPY a:k k",
    "XREAD STREAMS s 0",
    "EVAL x 1 a:k",
    "KEYS a:*",
    "SCAN 0",
    "FLUSHALL",
    "RANDOMKEY",
    "DBSIZE",
    "PUBLISH c m",
    "NOSUCH a:k",
    "GET",
  ])("does not let through %s", (line) => expect(refusal(words(line), options)).toMatch(/^NOPERM/))

  it("compares bytes", () => {
    const key = Uint8Array.of(0x61, 0x3a, 0xff)

    expect(refusal(["GET", key], options)).toBeUndefined()
    expect(refusal(["GET", key.subarray(1)], options)).toMatch(/^NOPERM/)
  })

  it("holds for listed commands that would take keys, and for the first argument of a module's", () => {
    const listing = { ...options, commands: ["*", "xread", "keys", "json.get"] }

    expect(refusal(words("XREAD NOSUCH STREAMS s 0"), listing)).toMatch(/^NOPERM/)
    expect(refusal(words("JSON.GET a:k $"), listing)).toBeUndefined()
    expect(refusal(words("JSON.GET k $"), listing)).toMatch(/^NOPERM/)
    expect(refusal(words("KEYS *"), listing)).toBeUndefined()
  })

  it("is taken by its characters where patterns stand", () => {
    expect(refusal(words("SORT a*:l GET a*:x"), { prefix: "a*:" })).toMatch(/^NOPERM/)
    expect(refusal(words("SORT a*:l GET #"), { prefix: "a*:" })).toBeUndefined()
  })

  it("is not escaped by an option that the server reads up to a NUL", () => {
    expect(refusal(["SORT", "a:l", "STORE\0", "d"], options)).toMatch(/^NOPERM/)
  })

  it("holds for scripts that the token may run, as far as they name their keys", () => {
    const scripting = { ...options, commands: ["*", "eval"] }

    expect(refusal(["EVAL", "x", "1", "a:k"], scripting)).toBeUndefined()
    expect(refusal(["EVAL", "x", "1", "k"], scripting)).toMatch(/^NOPERM/)
  })
})

describe("channels", () => {
  const listens = (options: Omit<TokenOptions, "token">, name: string, ...channels: string[]) => {
    const [grant] = readGrants([{ token: "some-token", ...options }])
    return grant && "blocks" in mayListen(grant, name, channels)
  }

  it("must begin with the prefix", () => {
    expect(listens({ prefix: "a:" }, "subscribe", "a:x", "a:y")).toBe(true)
    expect(listens({ prefix: "a:" }, "subscribe", "a:x", "b")).toBe(false)
    expect(listens({ prefix: "a:" }, "psubscribe", "*")).toBe(false)
    expect(listens({ prefix: "a?:" }, "psubscribe", "a?:*")).toBe(false)
    expect(listens({ prefix: "a?:" }, "psubscribe", "a\\?:*")).toBe(true)
  })

  it("are open to a read-only token, and MONITOR is not", () => {
    expect(listens({ access: "read-only" }, "subscribe", "x")).toBe(true)
    expect(listens({ access: "read-only" }, "monitor")).toBe(false)
    expect(listens({ prefix: "a:" }, "monitor")).toBe(false)
    expect(listens({}, "monitor")).toBe(true)
  })
})
