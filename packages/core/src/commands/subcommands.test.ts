import { describe, expect, it } from "vitest"
import { isRead, isStateful, isUnsendable } from "./subcommands.ts"
import { specOf } from "./table.ts"

const argsOf = (line: string) => line.split(" ")
const specFor = (line: string) => specOf(argsOf(line)[0] ?? "")

describe("isStateful", () => {
  it.each([
    ...[
      "SELECT 1",
      "WATCH k",
      "UNWATCH",
      "MULTI",
      "EXEC",
      "DISCARD",
      "AUTH p",
      "HELLO 3",
      "RESET",
      "QUIT",
      "MONITOR",
    ],
    ...["SYNC", "PSYNC ? -1", "READONLY", "READWRITE", "ASKING", "WAIT 1 0", "WAITAOF 1 0 0", "SUBSCRIBE c"],
    ...["PUNSUBSCRIBE", "SSUBSCRIBE c", "CLIENT REPLY OFF", "client tracking ON", "CLIENT NO-EVICT ON"],
    ...["CLIENT NO-TOUCH ON", "CLIENT SETNAME n", "CLIENT SETINFO LIB-NAME n", "CLIENT CACHING YES"],
    ...["SCRIPT DEBUG YES", "HIMPORT PREPARE s f", "CLIENT CAPA redirect"],
  ])("holds for %s", (line) => {
    expect(isStateful(specFor(line), argsOf(line))).toBe(true)
  })

  it.each([
    ...["GET k", "CLIENT LIST", "CLIENT ID", "CLIENT KILL ID 1", "CLIENT INFO", "CLIENT", "CONFIG SET a b"],
    ...["SCRIPT LOAD s", "SCRIPT FLUSH", "PUBLISH c m", "BLPOP a 0", "JSON.SET k"],
  ])("does not hold for %s", (line) => {
    expect(isStateful(specFor(line), argsOf(line))).toBe(false)
  })

  it("reads a subcommand given as bytes", () => {
    expect(isStateful(specOf("client"), ["CLIENT", new TextEncoder().encode("setname"), "n"])).toBe(true)
  })
})

describe("isUnsendable", () => {
  it.each([
    "MONITOR",
    "SUBSCRIBE c",
    "QUIT",
    "HELLO 3",
    "PSYNC ? -1",
    "CLIENT REPLY SKIP",
    "SCRIPT DEBUG YES",
  ])("holds for %s", (line) => {
    expect(isUnsendable(specFor(line), argsOf(line))).toBe(true)
  })

  it.each([
    "SELECT 1",
    "WATCH k",
    "MULTI",
    "AUTH p",
    "CLIENT SETNAME n",
    "CLIENT LIST",
    "SCRIPT LOAD s",
    "GET k",
  ])("does not hold for %s", (line) => {
    expect(isUnsendable(specFor(line), argsOf(line))).toBe(false)
  })
})

describe("isRead", () => {
  it.each([
    "GET k",
    "CONFIG GET a",
    "client list",
    "SLOWLOG GET",
    "ACL WHOAMI",
    "CLUSTER SLOTS",
    "SCRIPT EXISTS s",
  ])("holds for %s", (line) => {
    expect(isRead(specFor(line), argsOf(line))).toBe(true)
  })

  it.each([
    ...[
      "SET k v",
      "CONFIG SET a b",
      "CLIENT KILL ID 1",
      "SLOWLOG RESET",
      "ACL SETUSER u",
      "ACL GENPASS",
      "SCRIPT FLUSH",
    ],
    ...[
      "CLIENT",
      "CONFIG",
      "LATENCY RESET",
      "FUNCTION DELETE l",
      "XGROUP CREATE k g $",
      "CLUSTER RESET",
      "ACL LOG RESET",
    ],
  ])("does not hold for %s", (line) => {
    expect(isRead(specFor(line), argsOf(line))).toBe(false)
  })
})
