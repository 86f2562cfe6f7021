import { describe, expect, expectTypeOf, it } from "vitest"
import { ConfigError } from "../errors.ts"
import { either, flag, fn, integer, object, oneOf, readOptions, secret, text } from "./options.ts"

const spec = {
  max: integer(1, 1_000, 5),
  idleMs: integer(0, Number.POSITIVE_INFINITY),
  prewarm: flag(false),
  retryWrites: oneOf(["never", "overwrites"], "never"),
  family: oneOf([4, 6]),
  name: text("warmpool"),
  password: secret(),
  onOpen: fn<() => void>(),
  host: object<{ readonly now: number }>(),
  tls: either(flag(), object<object>()),
}
const read = (given: unknown) => readOptions("createPool", spec, given)

function refusal(given: unknown): string {
  try {
    read(given)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error("nothing was refused")
}

describe("what is right", () => {
  it.each([undefined, {}, Object.create(null), { max: undefined, tls: undefined }])(
    "gives the defaults for %j",
    (given) => {
      expect(read(given)).toEqual({ max: 5, prewarm: false, retryWrites: "never", name: "warmpool" })
    },
  )

  it.each([
    { max: 1 },
    { max: 1_000 },
    { idleMs: 0 },
    { idleMs: Number.POSITIVE_INFINITY },
    { prewarm: true },
    { retryWrites: "overwrites" },
    { family: 6 },
    { password: "" },
    { tls: true },
    { tls: { rejectUnauthorized: false } },
  ])("takes %j as it is", (given) => {
    expect(read(given)).toMatchObject(given)
  })

  it("infers what each option gives", () => {
    const options = read({})

    expectTypeOf(options.max).toEqualTypeOf<number>()
    expectTypeOf(options.idleMs).toEqualTypeOf<number | undefined>()
    expectTypeOf(options.retryWrites).toEqualTypeOf<"never" | "overwrites">()
    expectTypeOf(options.family).toEqualTypeOf<4 | 6 | undefined>()
    expectTypeOf(options.host).toEqualTypeOf<{ readonly now: number } | undefined>()
    expectTypeOf(options.onOpen).toEqualTypeOf<(() => void) | undefined>()
  })

  it("takes an instance of a class where an object is asked for", () => {
    const host = new Date()

    expect(read({ host }).host).toBe(host)
  })
})

describe("what is wrong", () => {
  it.each([
    [{ max: 0 }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: 1_001 }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: 1.5 }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: Number.NaN }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: Number.POSITIVE_INFINITY }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: "5" }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: 5n }, "createPool: max takes a whole number from 1 to 1000"],
    [{ max: null }, "createPool: max takes a whole number from 1 to 1000"],
    [{ idleMs: -1 }, "createPool: idleMs takes a whole number from 0 to Infinity"],
    [{ prewarm: 1 }, "createPool: prewarm takes true or false"],
    [{ retryWrites: "all" }, 'createPool: retryWrites takes "never" or "overwrites"'],
    [{ family: 5 }, "createPool: family takes 4 or 6"],
    [{ name: "" }, "createPool: name takes a string that is not empty"],
    [{ password: 1234 }, "createPool: password takes a string"],
    [{ onOpen: {} }, "createPool: onOpen takes a function"],
    [{ host: [] }, "createPool: host takes an object"],
    [{ host: null }, "createPool: host takes an object"],
    [{ tls: "yes" }, "createPool: tls takes true or false, or an object"],
    [{ maxx: 1 }, "createPool: unknown option maxx: did you mean max?"],
    [{ idleMS: 1 }, "createPool: unknown option idleMS: did you mean idleMs?"],
    [{ maxx: undefined }, "createPool: unknown option maxx: did you mean max?"],
    [null, "createPool takes an object of options"],
    [[], "createPool takes an object of options"],
    [5, "createPool takes an object of options"],
    ["redis://localhost", "createPool takes an object of options"],
    [() => 1, "createPool takes an object of options"],
    [new Map(), "createPool takes an object of options"],
  ])("refuses %o", (given, message) => {
    expect(refusal(given)).toBe(message)
  })

  it("lists every option when none is near", () => {
    expect(refusal({ lazyConnect: true })).toBe(
      "createPool: unknown option lazyConnect: it takes " +
        "max, idleMs, prewarm, retryWrites, family, name, password, onOpen, host, tls",
    )
  })

  it("knows no option that every object has", () => {
    expect(refusal({ constructor: 1 })).toContain("unknown option constructor")
    expect(refusal(JSON.parse('{"__proto__": 1}'))).toContain("unknown option __proto__")
  })

  it("shows no value that may be a secret", () => {
    const planted = "hunter2"

    for (const name of ["max", "prewarm", "retryWrites", "onOpen", "host", "tls"]) {
      expect(refusal({ [name]: planted })).not.toContain(planted)
    }
  })
})
