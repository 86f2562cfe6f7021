import { describe, expect, it } from "vitest"
import { ReplyError } from "../errors.ts"
import type { Trial } from "./trial.ts"

/** Commands that run together or not at all. */
export function describeTransactions(trial: Trial): void {
  describe("transactions", () => {
    it("resolve with every reply", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction([
        ["SET", "k", "1"],
        ["INCR", "k"],
        ["MGET", "k", "missing"],
      ])

      connection.send([transaction])

      expect(await transaction.reply()).toEqual(["OK", 2, ["2", null]])
    })

    it("resolve with nothing when they hold nothing", async () => {
      const connection = await trial.connect()
      const [transaction, behind] = [trial.transaction([]), trial.request(["PING"])]

      connection.send([transaction, behind])

      expect(await transaction.reply()).toEqual([])
      expect(await behind.reply()).toBe("PONG")
    })

    it("resolve with a thousand replies", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction(Array.from({ length: 1_000 }, () => ["INCR", "n"]))

      connection.send([transaction])

      expect(await transaction.reply()).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1))
    })

    it("give an error at run time as a value, and run the rest", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction([
        ["SET", "k", "text"],
        ["INCR", "k"],
        ["APPEND", "k", "!"],
      ])

      connection.send([transaction])

      const reply = await transaction.reply()
      expect(reply).toEqual(["OK", expect.any(ReplyError), 5])
      expect(reply?.[1]).toMatchObject({ kind: "ERR" })
    })

    it("resolve with null when a watched key has changed", async () => {
      const transport = trial.rig.open()
      const [one, other] = [await trial.connect(transport), await trial.connect(transport)]
      await trial.ask(one, "WATCH", "k")
      await trial.ask(other, "SET", "k", "theirs")
      const [beaten, next] = [trial.transaction([["SET", "k", "ours"]]), trial.transaction([["GET", "k"]])]

      one.send([beaten])
      one.send([next])

      expect(await beaten.reply()).toBeNull()
      expect(await next.reply()).toEqual(["theirs"])
    })

    it("reject on EXECABORT with the errors that caused it, and run nothing", async () => {
      const connection = await trial.connect()
      const transaction = trial.transaction([
        ["SET", "k", "v"],
        ["NOSUCHCOMMAND", "k"],
        ["GET", "k"],
        ["ECHO"],
      ])

      connection.send([transaction])

      const error = await transaction.error()
      expect(error).toBeInstanceOf(ReplyError)
      expect(error).toMatchObject({ kind: "EXECABORT" })
      expect(error).toHaveProperty("previousErrors", [
        expect.objectContaining({
          message: expect.stringMatching(/^ERR unknown command ['`]NOSUCHCOMMAND/i),
        }),
        expect.objectContaining({ message: "ERR wrong number of arguments for 'echo' command" }),
      ])
      expect(await trial.rig.command("GET", "k")).toBeNull()
    })

    it("leave the connection clean after EXECABORT", async () => {
      const connection = await trial.connect()
      const [aborted, plain] = [trial.transaction([["ECHO"]]), trial.request(["ECHO", "fine"])]

      connection.send([aborted, plain])

      expect(await aborted.error()).toMatchObject({ kind: "EXECABORT" })
      expect(await plain.reply()).toBe("fine")
    })

    it("keep their place between plain requests of a batch", async () => {
      const connection = await trial.connect()
      const [before, after] = trial.requests("INCR n", "INCR n")
      const [transaction, second] = [
        trial.transaction([
          ["INCR", "n"],
          ["INCR", "n"],
        ]),
        trial.transaction([["INCR", "n"]]),
      ]

      connection.send([before, transaction, after, second].filter((each) => each !== undefined))

      expect(await before?.reply()).toBe(1)
      expect(await transaction.reply()).toEqual([2, 3])
      expect(await after?.reply()).toBe(4)
      expect(await second.reply()).toEqual([5])
    })

    it("give bytes when asked", async () => {
      const connection = await trial.connect()
      const every = Uint8Array.from({ length: 256 }, (_, n) => n)
      const transaction = trial.transaction(
        [
          ["SET", "k", every],
          ["GET", "k"],
          ["INCR", "n"],
        ],
        "bytes",
      )

      connection.send([transaction])

      expect(await transaction.reply()).toEqual([new TextEncoder().encode("OK"), every, 1])
    })

    it("count as one owed reply", async () => {
      const connection = await trial.connect()
      trial.faults.silence()

      connection.send([
        trial.transaction([
          ["INCR", "n"],
          ["INCR", "n"],
        ]),
        trial.request(["PING"]),
      ])

      expect(connection.owed).toBe(2)
    })

    it.each([
      ["before MULTI is answered", 1],
      ["while commands are queued", 2],
      ["before EXEC is answered", 4],
    ])("are lost once, as unknown, %s", async (_when, nth) => {
      const connection = await trial.connect()
      const [transaction, later] = [
        trial.transaction([
          ["INCR", "n"],
          ["INCR", "n"],
        ]),
        trial.request(["INCR", "m"]),
      ]
      trial.faults.dropReply({ nth, and: "cut" })

      connection.send([transaction, later])

      expect(await transaction.fate()).toBe("unknown")
      expect(await later.fate()).toBe("unknown")
      expect(["2", null]).toContain(await trial.rig.command("GET", "n"))
    })

    it("are answered when only what follows them is lost", async () => {
      const connection = await trial.connect()
      const [transaction, later] = [
        trial.transaction([
          ["INCR", "n"],
          ["INCR", "n"],
        ]),
        trial.request(["INCR", "n"]),
      ]
      trial.faults.dropReply({ nth: 5, and: "cut" })

      connection.send([transaction, later])

      expect(await transaction.reply()).toEqual([1, 2])
      expect(await later.fate()).toBe("unknown")
    })
  })
}
