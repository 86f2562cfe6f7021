import { describe, expect, it } from "vitest"
import { ReplyError } from "../errors.ts"
import type { Trial } from "./trial.ts"

/** Whose reply is whose. */
export function describeReplies(trial: Trial): void {
  describe("replies", () => {
    it("answers a batch in order", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("SET k a", "APPEND k b", "APPEND k c", "GET k")
      const order: number[] = []
      for (const [n, request] of batch.entries()) request.onSettled(() => order.push(n))

      connection.send(batch)

      const replies = await Promise.all(batch.map((request) => request.reply()))
      expect(replies).toEqual(["OK", 2, 3, "abc"])
      expect(order).toEqual([0, 1, 2, 3])
    })

    it("answers batch after batch, sent without waiting", async () => {
      const connection = await trial.connect()
      const batches = Array.from({ length: 20 }, () => trial.requests("INCR n", "INCR n"))

      for (const batch of batches) connection.send(batch)

      const replies = await Promise.all(batches.flat().map((request) => request.reply()))
      expect(replies).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
    })

    it("answers 10,000 requests of one batch", async () => {
      const connection = await trial.connect()
      const batch = Array.from({ length: 10_000 }, () => trial.request(["INCR", "n"]))

      connection.send(batch)

      const replies = await Promise.all(batch.map((request) => request.reply()))
      expect(replies).toEqual(Array.from({ length: 10_000 }, (_, n) => n + 1))
    })

    it("takes an empty batch", async () => {
      const connection = await trial.connect()

      connection.send([])

      expect(connection.owed).toBe(0)
      expect(await trial.ask(connection, "PING")).toBe("PONG")
    })

    it("fails one command without failing its neighbours", async () => {
      const connection = await trial.connect()
      const [before, wrong, after] = [
        trial.request(["SET", "k", "text"]),
        trial.request(["INCR", "k"]),
        trial.request(["GET", "k"]),
      ]

      connection.send([before, wrong, after])

      expect(await before.reply()).toBe("OK")
      expect(await wrong.error()).toBeInstanceOf(ReplyError)
      expect(await wrong.error()).toMatchObject({
        message: "ERR value is not an integer or out of range",
        kind: "ERR",
      })
      expect(await after.reply()).toBe("text")
    })

    it("lets a callback send again", async () => {
      const connection = await trial.connect()
      const [first, second] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]
      const [fromFirst, fromSecond] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]
      first.onSettled(() => connection.send([fromFirst]))
      second.onSettled(() => connection.send([fromSecond]))

      connection.send([first, second])

      expect(await first.reply()).toBe(1)
      expect(await second.reply()).toBe(2)
      expect(await fromFirst.reply()).toBe(3)
      expect(await fromSecond.reply()).toBe(4)
    })

    it("delivers nothing more when a callback destroys the connection", async () => {
      const connection = await trial.connect()
      const [first, second] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]
      const reason = new Error("enough")
      first.onSettled(() => connection.destroy(reason))

      connection.send([first, second])

      expect(await first.reply()).toBe(1)
      expect(await second.settled).toEqual({ kind: "lost", fate: "unknown", cause: reason })
    })

    it("settles once when the signal of a batch aborts", async () => {
      const connection = await trial.connect()
      const giveUp = new AbortController()
      const request = trial.request(["PING"])
      connection.send([request], giveUp.signal)

      giveUp.abort(new Error("nobody waits any more"))

      const { kind } = await request.settled
      expect(["reply", "lost"]).toContain(kind)
    })

    it("keeps what one connection knows from another", async () => {
      const transport = trial.rig.open()
      const [one, other] = [await trial.connect(transport), await trial.connect(transport)]

      await trial.ask(one, "SELECT", "3")
      await trial.ask(one, "SET", "k", "in three")

      expect(await trial.ask(one, "GET", "k")).toBe("in three")
      expect(await trial.ask(other, "GET", "k")).toBeNull()
    })
  })
}
