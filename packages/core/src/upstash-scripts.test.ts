import { createHash } from "node:crypto"
import { describe, expect, it, vi } from "vitest"
import { UpstashScripts } from "./upstash-scripts.ts"

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex")

describe("a script for Upstash", () => {
  it.each([
    ["#!lua flags=allow-key-locking\nreturn 1", "\nreturn 1"],
    ["#!lua flags=allow-key-locking\r\nreturn 1", "\r\nreturn 1"],
    ["#!lua flags=allow-key-locking", ""],
    ["#!lua flags=allow-key-locking,no-writes\nreturn 1", "#!lua flags=no-writes\nreturn 1"],
    ["#!lua flags=no-writes,allow-key-locking\nreturn 1", "#!lua flags=no-writes\nreturn 1"],
  ])("loses the flag that nobody else knows: %j", (given, plain) => {
    const scripts = new UpstashScripts()

    expect(scripts.translate(["eval", given, "1", "k"])).toEqual(["eval", plain, "1", "k"])
    expect(scripts.translate(["EVAL_RO", Buffer.from(given), "0"])).toEqual(["EVAL_RO", plain, "0"])
    expect(scripts.translate(["SCRIPT", "load", given])).toEqual(["SCRIPT", "load", plain])
  })

  it.each([
    [["EVAL", "return 'flags=allow-key-locking'", "0"]],
    [["EVAL", "#!lua flags=no-writes\nreturn 'allow-key-locking'", "0"]],
    [["EVAL", "#!lua flags=not-allow-key-locking\nreturn 1", "0"]],
    [["EVAL"]],
    [["SCRIPT", "FLUSH"]],
    [["SCRIPT"]],
    [["SET", "EVAL", "#!lua flags=allow-key-locking\n"]],
    [[]],
    [["EVALSHA", "unknown", "0"]],
  ])("is otherwise as it was: %j", (command) => {
    expect(new UpstashScripts().translate(command)).toBe(command)
  })

  it("goes by its own hash once it was sent", async () => {
    const scripts = new UpstashScripts()
    const given = "#!lua flags=allow-key-locking\nreturn KEYS[1]"
    const [hash, runs] = [sha1(given), sha1("\nreturn KEYS[1]")]
    scripts.translate(["EVAL", given, "1", "k"])

    await vi.waitFor(() =>
      expect(scripts.translate(["EVALSHA", hash, "1", hash])).toEqual(["EVALSHA", runs, "1", hash]),
    )
    expect(scripts.translate(["script", "EXISTS", "other", hash.toUpperCase()])).toEqual([
      "script",
      "EXISTS",
      "other",
      runs,
    ])
  })
})
