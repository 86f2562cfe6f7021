import { describe, expect, it } from "vitest"
import type { Connection } from "../transport.ts"
import type { Outcome, RequestReceipt } from "./receipt.ts"
import type { Trial } from "./trial.ts"

const MEGABYTE = new Uint8Array(1024 * 1024)
/** More than any kernel takes for a peer that does not read. */
const FIFTY = 50

function isUnsent(outcome: Outcome<unknown> | undefined): boolean {
  return outcome?.kind === "lost" && outcome.fate === "unsent"
}

/** What happens behind a peer that does not read. */
export function describeBuffers(trial: Trial): void {
  /** Sends 50 MB and more behind it to a peer that has stopped reading. */
  const fill = async (
    connection: Connection,
    behind: readonly RequestReceipt[],
  ): Promise<RequestReceipt[]> => {
    trial.faults.stall()
    const large = Array.from({ length: FIFTY }, (_, n) => trial.request(["SET", `large ${n}`, MEGABYTE]))
    connection.send([...large, ...behind])
    await trial.until(() => expect(connection.backlog).toBeGreaterThan(0))
    return large
  }

  describe("a full send buffer", () => {
    it.each(["cut", "reset"] as const)(
      "holds requests that are unsent when the connection is %s",
      async (how) => {
        const connection = await trial.connect()
        const closed = trial.end(connection)
        const [sameBatch, nextBatch] = [trial.request(["INCR", "same"]), trial.request(["INCR", "next"])]
        const large = await fill(connection, [sameBatch])
        connection.send([nextBatch])

        await trial.faults[how]()
        await closed

        expect(await sameBatch.fate()).toBe("unsent")
        expect(await nextBatch.fate()).toBe("unsent")
        expect(await large.at(-1)?.fate()).toBe("unsent")
        await trial.faults.heal()
        expect(await trial.rig.command("EXISTS", "same", "next", `large ${FIFTY - 1}`)).toBe(0)
      },
    )

    it("never calls unsent what ran", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)
      const keys = Array.from({ length: FIFTY }, (_, n) => `large ${n}`)
      const large = keys.map((key) => trial.request(["SET", key, MEGABYTE]))
      // By now the server has some of the rest, and nobody will tell how much.
      large[0]?.onSettled(() => trial.faults.stall())
      connection.send(large)
      await large[0]?.reply()

      await trial.faults.cut()
      await closed

      const outcomes = await Promise.all(large.map((request) => request.settled))
      const unsent = keys.filter((_, n) => isUnsent(outcomes[n]))
      await trial.faults.heal()
      expect(await trial.rig.command("EXISTS", "none", ...unsent)).toBe(0)
    })

    it("loses a request of which only a part was taken; it never ran, nor what is behind it", async () => {
      const connection = await trial.connect()
      const closed = trial.end(connection)
      trial.faults.stall()
      const [large, behind] = [
        trial.request(["SET", "large", new Uint8Array(FIFTY * MEGABYTE.length)]),
        trial.request(["INCR", "behind"]),
      ]
      connection.send([large, behind])
      await trial.until(() => expect(connection.backlog).toBeGreaterThan(0))

      await trial.faults.reset()
      await closed

      // Which of the two depends on what the runtime tells of a write under way; both are true.
      expect(["unsent", "unknown"]).toContain(await large.fate())
      expect(await behind.fate()).toBe("unsent")
      await trial.faults.heal()
      expect(await trial.rig.command("EXISTS", "large", "behind")).toBe(0)
    })

    it("is written and answered before a close", async () => {
      const connection = await trial.connect()
      const behind = trial.request(["INCR", "behind"])
      const large = await fill(connection, [behind])

      const closed = connection.close()
      trial.faults.resume()
      await closed

      for (const { outcomes } of large) expect(outcomes).toEqual([{ kind: "reply", reply: "OK" }])
      expect(behind.outcomes).toEqual([{ kind: "reply", reply: 1 }])
    })

    it("never runs what destroy took back, although the peer reads again", async () => {
      const connection = await trial.connect()
      const behind = trial.request(["INCR", "behind"])
      await fill(connection, [behind])

      connection.destroy(new Error("given up"))
      trial.faults.resume()

      expect(await behind.fate()).toBe("unsent")
      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
      expect(await trial.rig.command("EXISTS", "behind")).toBe(0)
    })

    it("tells when it has drained, and everything is answered", async () => {
      const connection = await trial.connect()
      const behind = trial.request(["INCR", "behind"])
      const large = await fill(connection, [behind])
      const writable = new Promise<number>((resolve) => {
        connection.onWritable(() => resolve(connection.backlog))
      })

      trial.faults.resume()

      expect(await writable).toBe(0)
      expect(await behind.reply()).toBe(1)
      for (const request of large) expect(await request.reply()).toBe("OK")
    })

    it("tells each time it has drained", async () => {
      const connection = await trial.connect()
      let drained = 0
      connection.onWritable(() => drained++)

      for (const round of [1, 2]) {
        const large = await fill(connection, [])
        trial.faults.resume()
        await Promise.all(large.map((request) => request.reply()))
        await trial.until(() => expect(drained).toBeGreaterThanOrEqual(round))
      }

      expect(connection.backlog).toBe(0)
    })
  })
}
