import { describe, expect, it } from "vitest"
import { ConnectionError } from "../errors.ts"
import type { Trial } from "./trial.ts"

/** What becomes of requests when their connection is lost. */
export function describeLoss(trial: Trial): void {
  describe("a lost connection", () => {
    it("loses what was never written as unsent", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)
      await trial.faults.cut()
      await closed
      const [first, second] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]

      connection.send([first, second])

      expect(await first.fate()).toBe("unsent")
      expect(await second.fate()).toBe("unsent")
      expect(await trial.rig.command("GET", "n")).toBeNull()
    })

    it("loses a command whose reply was swallowed as unknown; it ran once", async () => {
      const connection = await trial.connect()
      const request = trial.request(["INCR", "n"])
      trial.faults.dropReply({ nth: 1, and: "cut" })

      connection.send([request])

      expect(await request.settled).toMatchObject({ fate: "unknown", cause: expect.any(ConnectionError) })
      expect(await trial.rig.command("GET", "n")).toBe("1")
    })

    it.each(["cut", "reset"] as const)(
      "loses what was written as unknown when it is %s; it ran once at most",
      async (how) => {
        const connection = await trial.connect()
        trial.faults.silence()
        const batch = trial.requests("INCR n", "INCR n")
        await trial.write(connection, batch)

        await trial.faults[how]()

        for (const request of batch) {
          expect(await request.settled).toMatchObject({ fate: "unknown", cause: expect.any(ConnectionError) })
        }
        expect([null, "2"]).toContain(await trial.rig.command("GET", "n"))
      },
    )

    it("delivers what was answered, and loses the rest, between two replies of a batch", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("INCR a", "INCR a", "INCR a", "INCR a")
      trial.faults.dropReply({ nth: 3, and: "cut" })

      connection.send(batch)

      const outcomes = await Promise.all(batch.map((request) => request.settled))
      expect(outcomes).toMatchObject([{ reply: 1 }, { reply: 2 }, { fate: "unknown" }, { fate: "unknown" }])
    })

    it.each([1, 4, 5, 700, 1_006, 1_008])("loses a reply of which only %i bytes came", async (afterBytes) => {
      const connection = await trial.connect()
      await trial.ask(connection, "SET", "k", "x".repeat(1_000))
      const [whole, half, behind] = [
        trial.request(["GET", "k"]),
        trial.request(["GET", "k"]),
        trial.request(["GET", "k"]),
      ]
      trial.faults.cutReply({ nth: 2, afterBytes })

      connection.send([whole, half, behind])

      expect(await whole.reply()).toBe("x".repeat(1_000))
      expect(await half.fate()).toBe("unknown")
      expect(await behind.fate()).toBe("unknown")
    })

    it("loses an array of which only a part came", async () => {
      const connection = await trial.connect()
      await trial.ask(connection, "RPUSH", "l", "one", "two", "three")
      const request = trial.request(["LRANGE", "l", "0", "-1"])
      trial.faults.cutReply({ nth: 1, afterBytes: 15 })

      connection.send([request])

      expect(await request.fate()).toBe("unknown")
    })

    it("loses the oldest first, then tells the close listeners, once each", async () => {
      const connection = await trial.connect()
      const log: string[] = []
      const closed = trial.end(connection)
      connection.onClose(() => log.push("closed"))
      connection.onClose(() => log.push("closed, second listener"))
      const batch = trial.requests("INCR n", "INCR n", "INCR n")
      for (const [n, request] of batch.entries()) request.onSettled(() => log.push(`lost ${n}`))
      trial.faults.silence()
      await trial.write(connection, batch.slice(0, 2))
      connection.send(batch.slice(2))

      await trial.faults.cut()
      await closed

      expect(log).toEqual(["lost 0", "lost 1", "lost 2", "closed", "closed, second listener"])
    })

    it("gives its listeners the reason that the requests got", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)
      const request = trial.request(["INCR", "n"])
      trial.faults.dropReply({ nth: 1, and: "cut" })

      connection.send([request])

      const reason = await closed
      expect(reason).toBeInstanceOf(ConnectionError)
      expect(await request.settled).toMatchObject({ cause: reason })
    })

    it("loses as unsent what a callback sends while it is lost", async () => {
      const connection = await trial.connect()
      const [first, again] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]
      first.onSettled(() => connection.send([again]))
      trial.faults.dropReply({ nth: 1, and: "cut" })

      connection.send([first])

      expect(await first.fate()).toBe("unknown")
      expect(await again.fate()).toBe("unsent")
      expect(await trial.rig.command("GET", "n")).toBe("1")
    })

    it("loses as unsent what a close listener sends", async () => {
      const connection = await trial.connect()
      const request = trial.request(["INCR", "n"])
      connection.onClose(() => connection.send([request]))

      await trial.faults.cut()

      expect(await request.fate()).toBe("unsent")
    })

    it("is noticed while nothing is asked", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)

      await trial.faults.reset()

      expect(await closed).toBeInstanceOf(ConnectionError)
    })

    it("takes no other connection with it", async () => {
      const transport = trial.rig.open()
      const lost = await trial.connect(transport)
      const request = trial.request(["INCR", "n"])
      trial.faults.dropReply({ nth: 1, and: "cut" })
      lost.send([request])
      await request.settled

      const next = await trial.connect(transport)

      expect(await trial.ask(next, "GET", "n")).toBe("1")
    })
  })
}
