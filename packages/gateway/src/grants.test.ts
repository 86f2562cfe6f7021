import { ConfigError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { readGrants, type Tokens } from "./grants.ts"
import { bearerOf, Keyring } from "./keyring.ts"

describe("readGrants", () => {
  it("takes tokens as text, full and without limits", () => {
    const grants = readGrants("  token-one\n token-two ")

    expect(grants).toMatchObject([
      { token: "token-one", readOnly: false, prefix: "" },
      { token: "token-two", readOnly: false, prefix: "" },
    ])
  })

  it("takes a string in an array for a token that may do all", () => {
    expect(readGrants(["token-one", { token: "token-two" }])).toEqual(readGrants("token-one token-two"))
  })

  it("takes tokens as JSON", () => {
    const grants = readGrants('[{"token":"token-one","access":"read-only","prefix":"a:","commands":["GET"]}]')

    expect(grants).toEqual([
      { token: "token-one", readOnly: true, prefix: "a:", commands: new Set(["get"]), user: undefined },
    ])
  })

  it.each<[Tokens, string]>([
    ["", "tokens is empty"],
    [[], "tokens is empty"],
    ['{"token": "planted-1", "access": "read-only"}', "tokens as JSON are an array: put [ and ] around them"],
    ['"planted-1"', "tokens as JSON are an array"],
    ["[{", "tokens begins like JSON and is none"],
    [[{ token: "planted" }], "tokens[0]: a token has at least 8 characters"],
    [[{ token: "planted secret" }], "tokens[0]: a token has at least 8 characters"],
    [[{ token: "planted-1" }, { token: "planted-1" }], "tokens: two are the same"],
    ['[{"token":"planted-1","acess":"full"}]', "tokens[0]: unknown option acess: did you mean access?"],
    ['[{"token":"planted-1","access":"none"}]', 'tokens[0]: access takes "full" or "read-only"'],
    ['[{"token":"planted-1","commands":[]}]', "tokens[0]: commands takes an array of command names"],
    ['[{"token":"planted-1","user":{"username":"u"}}]', "tokens[0]: user takes a username and a password"],
    ["[1]", "tokens[0] takes an object"],
  ])("refuses %j and never shows it", (tokens, message) => {
    const read = () => readGrants(tokens)

    expect(read).toThrow(ConfigError)
    expect(read).toThrow(message)
    expect(read).not.toThrow("planted")
  })
})

describe("a keyring", () => {
  const keyring = new Keyring(readGrants("token-one token-two"))

  it("finds the token that was presented, and no part of it", () => {
    expect(keyring.find("token-two")?.token).toBe("token-two")
    for (const wrong of [
      "",
      "t",
      "token-tw",
      "token-twoo",
      "Token-two",
      "token-twotoken-two",
      "token-one token-two",
    ])
      expect(keyring.find(wrong), wrong).toBeUndefined()
  })

  it("forgets tokens that were replaced", () => {
    const rotating = new Keyring(readGrants("token-one"))

    rotating.replace(readGrants("token-two"))

    expect(rotating.find("token-one")).toBeUndefined()
    expect(rotating.find("token-two")?.token).toBe("token-two")
  })
})

describe("bearerOf", () => {
  it("takes the token of a bearer's header alone", () => {
    expect(bearerOf("Bearer abc")).toBe("abc")
    expect(bearerOf("bearer  abc ")).toBe("abc")
    for (const other of [undefined, "", "Bearer", "Bearer ", "Basic abc", "abc"])
      expect(bearerOf(other)).toBeFalsy()
  })
})
