import { expect, it } from "vitest"
import { bareSpec, makeCall } from "./call.ts"
import { toArgs } from "./commands/arguments.ts"
import { ArgumentError } from "./errors.ts"

const call = (name: string, args: unknown[], prefix = "") =>
  makeCall(bareSpec(name), "text", toArgs(bareSpec(name), args, prefix))

it("flattens and converts the arguments of a call by name, and never unfolds an object", () => {
  expect(call("hset", ["h", ["f", 1], null]).args).toEqual(["HSET", "h", "f", "1", ""])
  expect(() => call("hset", ["h", { f: 1 }])).toThrow(ArgumentError)
})

it("prefixes the keys of the commands it knows", () => {
  expect(call("GET", ["k"], "p:").args).toEqual(["GET", "p:k"])
  expect(call("JSON.SET", ["k", "$", "1"], "p:").args).toEqual(["JSON.SET", "k", "$", "1"])
})

it("hands the reply of a call by name over as it came", () => {
  expect(call("hgetall", ["h"]).transform).toBeUndefined()
})
