import { describe, expect, it } from "vitest"
import type { Trial } from "./trial.ts"
import { wordsOf } from "./words-of.ts"

const KEY = "planted-key"
const VALUE = "planted-value"

/** No error carries what the caller wrote: not in its words, not in its stack, not in a property. */
export function describeSecrecy(trial: Trial): void {
  const expectNoPlant = (error: unknown) => {
    const words = wordsOf(error)
    expect(words).toContain("Error")
    expect(words).not.toContain(KEY)
    expect(words).not.toContain(VALUE)
  }

  describe("errors hold no key and no value", () => {
    it.each([
      ["an unknown command", ["NOSUCHCOMMAND", KEY, VALUE]],
      ["a wrong type", ["APPEND", KEY, VALUE]],
      ["a wrong number of arguments", ["GET", KEY, VALUE]],
    ])("of %s", async (_name, args) => {
      const connection = await trial.connect()
      await trial.ask(connection, "HSET", KEY, "field", VALUE)
      const request = trial.request(args)

      connection.send([request])

      expectNoPlant(await request.error())
    })

    it("of an aborted transaction", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction([
        ["SET", KEY, VALUE],
        ["NOSUCHCOMMAND", KEY, VALUE],
      ])

      connection.send([transaction])

      expectNoPlant(await transaction.error())
    })

    it("nested in a reply", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction([
        ["HSET", KEY, "field", VALUE],
        ["INCR", KEY],
      ])

      connection.send([transaction])

      expectNoPlant((await transaction.reply())?.[1])
    })

    it("of a lost connection", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)
      const request = trial.request(["SET", KEY, VALUE])
      trial.faults.dropReply({ nth: 1, and: "cut" })

      connection.send([request])

      const outcome = await request.settled
      expectNoPlant(outcome.kind === "lost" && outcome.cause)
      expectNoPlant(await closed)
    })

    it("of a connection that was closed before", async () => {
      const connection = await trial.connect()
      await connection.close()
      const request = trial.request(["SET", KEY, VALUE])

      connection.send([request])

      const outcome = await request.settled
      expectNoPlant(outcome.kind === "lost" && outcome.cause)
    })
  })
}
