import { describe, expect, it } from "vitest"
import type { Owed } from "../transport.ts"
import type { Trial } from "./trial.ts"

/** What a connection tells of itself: the client's deadlines and thaw checks stand on it. */
export function describeMeters(trial: Trial): void {
  describe("meters", () => {
    it("count what is owed", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("INCR n", "INCR n")
      const owed: number[] = [connection.owed]
      for (const request of batch) request.onSettled(() => owed.push(connection.owed))

      connection.send(batch)
      owed.push(connection.owed)

      await Promise.all(batch.map((request) => request.reply()))
      expect(owed).toEqual([0, 2, 1, 0])
    })

    it("walk what is in flight, the requests themselves, oldest first", async () => {
      const connection = await trial.connect()
      trial.faults.silence()
      const [first, second, third] = [
        trial.request(["INCR", "n"]),
        trial.transaction([["INCR", "n"]]),
        trial.request(["INCR", "n"]),
      ]
      connection.send([first, second])
      connection.send([third])

      const seen: Owed<unknown>[] = []
      connection.each((owed) => seen.push(owed))

      expect(seen).toHaveLength(3)
      for (const [n, request] of [first, second, third].entries()) expect(seen[n]).toBe(request)
    })

    it("walk nothing that is settled", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("INCR n", "INCR n")
      const left: Owed<unknown>[][] = []
      batch[0]?.onSettled(() => {
        const seen: Owed<unknown>[] = []
        connection.each((owed) => seen.push(owed))
        left.push(seen)
      })

      connection.send(batch)
      await Promise.all(batch.map((request) => request.reply()))

      expect(left).toEqual([[batch[1]]])
    })

    it("let a walk end the connection", async () => {
      const connection = await trial.connect()
      trial.faults.silence()
      const batch = trial.requests("INCR n", "INCR n")
      connection.send(batch)

      connection.each(() => connection.destroy(new Error("too late")))

      for (const { outcomes } of batch) expect(outcomes).toMatchObject([{ kind: "lost" }])
    })

    it("count every byte received, and none when nothing comes", async () => {
      const connection = await trial.connect()
      const atFirst = connection.received

      await trial.ask(connection, "ECHO", "x".repeat(1_000))
      const afterReply = connection.received
      connection.send([])

      expect(afterReply - atFirst).toBeGreaterThanOrEqual(1_000)
      expect(connection.received).toBe(afterReply)
    })

    it("count the bytes of a reply that is not whole yet", async () => {
      const connection = await trial.connect()
      await trial.ask(connection, "SET", "k", "x".repeat(1_000))
      const atFirst = connection.received
      const request = trial.request(["GET", "k"])
      trial.faults.cutReply({ nth: 1, afterBytes: 500 })

      connection.send([request])
      await request.settled

      expect(connection.received - atFirst).toBe(500)
    })

    it("stamp the last byte with the wall clock", async () => {
      const connection = await trial.connect()
      const opened = connection.lastByteAt
      await trial.until(() => expect(trial.now()).toBeGreaterThan(opened))
      const before = trial.now()
      expect(connection.lastByteAt).toBe(opened)

      await trial.ask(connection, "PING")

      expect(connection.lastByteAt).toBeGreaterThanOrEqual(before)
      expect(connection.lastByteAt).toBeLessThanOrEqual(trial.now())
    })

    it("show no backlog when the kernel has taken everything", async () => {
      const connection = await trial.connect()

      await trial.ask(connection, "PING")

      expect(connection.backlog).toBe(0)
    })

    it("tell the traits", () => {
      const { maxRequests, maxBytes } = trial.rig.open().traits

      expect(maxRequests).toBeGreaterThan(0)
      expect(maxBytes).toBeGreaterThan(0)
    })
  })
}
