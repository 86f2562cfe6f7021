import { describe, expect, it } from "vitest"
import type { Wanted } from "./receiver.ts"
import { cut, join, type Outcome, parse, random, randomTree } from "./wire-tree.fixture.ts"

const rounds = process.env["WARMPOOL_SOAK"] ? 400_000 : 8_000
const timeout = process.env["WARMPOOL_SOAK"] ? 1_800_000 : 60_000
const seed = Number(process.env["WARMPOOL_SEED"] ?? Date.now() % 2 ** 31)
const MODES: readonly Wanted[] = ["text", "bytes", "raw", "items"]
const next = random(seed)

/** Breaks bytes in a few places: other bytes, lost bytes, bytes twice. */
function mutate(bytes: Uint8Array): Uint8Array {
  let mutated = bytes
  for (let n = 1 + Math.floor(next() * 3); n > 0; n--) {
    const at = Math.floor(next() * mutated.length)
    const choice = next()
    if (choice < 0.5) mutated = mutated.with(at, interesting())
    else if (choice < 0.75) mutated = join([mutated.slice(0, at), mutated.slice(at + 1)])
    else mutated = join([mutated.slice(0, at), mutated.slice(Math.floor(at * next()))])
  }
  return mutated
}

/** Mostly bytes that mean something. */
function interesting(): number {
  const bytes = "+-:$*_#,(!=%~>|\r\n0123456789"
  return next() < 0.7 ? bytes.charCodeAt(Math.floor(next() * bytes.length)) : Math.floor(next() * 256)
}

/** The same bytes give the same replies and the same end, however they are cut. */
function expectSteady(bytes: Uint8Array, mode: Wanted): Outcome {
  const whole = parse([bytes], mode)
  const pieces = parse(cut(bytes, next), mode)
  if (JSON.stringify(whole) !== JSON.stringify(pieces)) {
    expect(pieces, `seed ${seed}, ${mode}, ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`).toEqual(
      whole,
    )
  }
  return whole
}

describe("the parser, fed at random", () => {
  it(`reads ${rounds} replies back as they were meant, cut anywhere`, { timeout }, () => {
    for (let n = 0; n < rounds; n++) {
      const trees = Array.from({ length: 1 + Math.floor(next() * 3) }, () => randomTree(next))
      const wire = join(trees.map((tree) => tree.wire))
      const values = trees.map((tree) => tree.value)

      const { replies, broken } = expectSteady(wire, "text")

      if (broken !== undefined || JSON.stringify(replies) !== JSON.stringify(values)) {
        expect({ replies, broken }, `seed ${seed}, round ${n}`).toEqual({
          replies: values,
          broken: undefined,
        })
      }
    }
  })

  it(`takes ${rounds} broken replies without crashing, and shows nothing of them`, { timeout }, () => {
    for (let n = 0; n < rounds; n++) {
      const wire = mutate(join([randomTree(next).wire, randomTree(next).wire]))
      const mode = MODES[n % MODES.length] ?? "text"

      const { broken } = expectSteady(wire, mode)

      if (broken !== undefined)
        expect(broken).toMatch(
          /^ConnectionError: the server broke the protocol: [a-zA-Z ]+(?:: is it Redis that listens there\?)?$/,
        )
    }
  })

  it(`takes ${rounds} strings of any bytes without crashing`, { timeout }, () => {
    for (let n = 0; n < rounds; n++) {
      const wire = Uint8Array.from({ length: 1 + Math.floor(next() * 40) }, interesting)

      const { broken } = expectSteady(wire, MODES[n % MODES.length] ?? "text")

      if (broken !== undefined)
        expect(broken).toMatch(
          /^ConnectionError: the server broke the protocol: [a-zA-Z ]+(?:: is it Redis that listens there\?)?$/,
        )
    }
  })

  it("gives a raw reply that reads back as the same reply", () => {
    for (let n = 0; n < rounds / 4; n++) {
      const { wire, value } = randomTree(next)

      const raw = parse(cut(wire, next), "raw").replies as Uint8Array[]

      if (JSON.stringify(parse(raw).replies) !== JSON.stringify([value])) {
        expect(parse(raw).replies, `seed ${seed}, round ${n}`).toEqual([value])
      }
    }
  })
})

describe("memory", () => {
  it("does not grow with the number of replies", { timeout }, () => {
    const wire = join(Array.from({ length: 50 }, () => randomTree(next).wire))
    for (let n = 0; n < 200; n++) parse(cut(wire, next))
    const before = process.memoryUsage().arrayBuffers

    for (let n = 0; n < rounds / 4; n++) parse(cut(wire, next))

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20)
  })
})
