import { describe, expect, it } from "vitest"
import type { Trial } from "./trial.ts"

/** How a connection ends when we end it. */
export function describeClosing(trial: Trial): void {
  describe("closing", () => {
    it("waits for the last reply", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("INCR n", "INCR n", "INCR n")
      connection.send(batch)

      await connection.close()

      expect(batch.map(({ outcomes }) => outcomes)).toMatchObject([
        [{ reply: 1 }],
        [{ reply: 2 }],
        [{ reply: 3 }],
      ])
    })

    it("waits for a command that blocks", async () => {
      const transport = trial.rig.open()
      const [connection, other] = [await trial.connect(transport), await trial.connect(transport)]
      const blocked = trial.request(["BLPOP", "l", "0"])
      connection.send([blocked])

      const closed = connection.close()
      await trial.ask(other, "PING")
      await trial.rig.command("RPUSH", "l", "late")
      await closed

      expect(blocked.outcomes).toEqual([{ kind: "reply", reply: ["l", "late"] }])
    })

    it("leaves no socket", async () => {
      const connection = await trial.connect()

      await connection.close()

      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("may be asked for twice, at once and later", async () => {
      const connection = await trial.connect()
      let ends = 0
      connection.onClose(() => ends++)

      await Promise.all([connection.close(), connection.close()])
      await connection.close()

      expect(ends).toBe(1)
    })

    it("loses what is sent afterwards as unsent, before and after the socket is gone", async () => {
      const connection = await trial.connect()
      const [early, late] = [trial.request(["INCR", "n"]), trial.request(["INCR", "n"])]

      const closed = connection.close()
      connection.send([early])
      await closed
      connection.send([late])

      expect(await early.fate()).toBe("unsent")
      expect(await late.fate()).toBe("unsent")
      expect(await trial.rig.command("GET", "n")).toBeNull()
    })

    it("resolves when the connection is lost meanwhile", async () => {
      const connection = await trial.connect()
      const request = trial.request(["INCR", "n"])
      trial.faults.dropReply({ nth: 1, and: "cut" })
      connection.send([request])

      await connection.close()

      expect(await request.fate()).toBe("unknown")
    })

    it("resolves when the connection is destroyed meanwhile", async () => {
      const connection = await trial.connect()
      trial.faults.silence()
      const request = trial.request(["INCR", "n"])
      connection.send([request])
      const closed = connection.close()

      connection.destroy(new Error("no longer"))

      await closed
      expect(await request.settled).toMatchObject({ kind: "lost" })
    })

    it("tells a late listener at once", async () => {
      const connection = await trial.connect()
      await connection.close()
      const told: Error[] = []

      connection.onClose((reason) => told.push(reason))

      expect(told).toEqual([expect.any(Error)])
    })
  })

  describe("destroying", () => {
    it("loses everything owed with the reason, oldest first, at once", async () => {
      const connection = await trial.connect()
      const reason = new Error("evicted")
      const log: string[] = []
      connection.onClose((told) => log.push(`closed: ${told.message}`))
      trial.faults.silence()
      const batch = trial.requests("INCR n", "INCR n")
      for (const [n, request] of batch.entries()) request.onSettled(() => log.push(`lost ${n}`))
      await trial.write(connection, batch)

      connection.destroy(reason)

      expect(log).toEqual(["lost 0", "lost 1", "closed: evicted"])
      for (const { outcomes } of batch)
        expect(outcomes).toEqual([{ kind: "lost", fate: "unknown", cause: reason }])
    })

    it("delivers nothing that was under way", async () => {
      const connection = await trial.connect()
      const batch = trial.requests("INCR n", "INCR n")
      connection.send(batch)

      connection.destroy(new Error("evicted"))

      for (const { outcomes } of batch) expect(outcomes).toMatchObject([{ kind: "lost" }])
      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
      for (const { outcomes } of batch) expect(outcomes).toHaveLength(1)
    })

    it("keeps the first reason when it is asked for twice", async () => {
      const connection = await trial.connect()
      const told: string[] = []
      connection.onClose(({ message }) => told.push(message))

      connection.destroy(new Error("first"))
      connection.destroy(new Error("second"))
      connection.onClose(({ message }) => told.push(`late: ${message}`))
      await connection.close()

      expect(told).toEqual(["first", "late: first"])
    })

    it("leaves no socket, although the server is silent", async () => {
      const connection = await trial.connect()
      trial.faults.silence()

      connection.destroy(new Error("evicted"))

      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("loses what is sent afterwards as unsent", async () => {
      const connection = await trial.connect()
      connection.destroy(new Error("evicted"))
      const request = trial.request(["INCR", "n"])

      connection.send([request])

      expect(await request.fate()).toBe("unsent")
      expect(await trial.rig.command("GET", "n")).toBeNull()
    })
  })
}
