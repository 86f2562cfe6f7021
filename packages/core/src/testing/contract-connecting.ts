import { describe, expect, it } from "vitest"
import { ConnectionError, ReplyError } from "../errors.ts"
import type { Trial } from "./trial.ts"
import { wordsOf } from "./words-of.ts"

/** How connections come about, and that a failed attempt leaves nothing behind. */
export function describeConnecting(trial: Trial): void {
  describe("connecting", () => {
    it("opens a new connection each time", async () => {
      const transport = trial.rig.open()

      const first = await trial.connect(transport)
      const second = await trial.connect(transport)

      expect(second).not.toBe(first)
      expect(trial.faults.counts.open).toBe(2)
    })

    it("rejects with ConnectionError when nobody listens", async () => {
      trial.faults.refuse()

      const connecting = trial.rig.open().connect({ signal: new AbortController().signal })

      await expect(connecting).rejects.toBeInstanceOf(ConnectionError)
    })

    it("rejects with ConnectionError and no secret when the connection ends during the handshake", async () => {
      const { transport, secret } = trial.rig.openRefused()
      trial.faults.stall()
      const connecting = transport.connect({ signal: new AbortController().signal })
      const failure = connecting.catch((error) => error)
      await trial.until(() => expect(trial.faults.counts.open).toBe(1))

      await trial.faults.cut()

      await expect(connecting).rejects.toBeInstanceOf(ConnectionError)
      expect(wordsOf(await failure)).not.toContain(secret)
    })

    it("rejects with the server's words and no secret when the handshake is refused", async () => {
      const { transport, secret } = trial.rig.openRefused()

      const refusal = await transport
        .connect({ signal: new AbortController().signal })
        .catch((error) => error)

      expect(refusal).toBeInstanceOf(ReplyError)
      expect(refusal.message).toMatch(/^[A-Z]+ /)
      expect(wordsOf(refusal)).not.toContain(secret)
      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("opens nothing when the signal is aborted already", async () => {
      const connecting = trial.rig.open().connect({ signal: AbortSignal.abort(new Error("too late")) })

      await expect(connecting).rejects.toThrow()
      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("rejects and leaves no socket when the signal aborts while it connects", async () => {
      const giveUp = new AbortController()
      const connecting = trial.rig.open().connect({ signal: giveUp.signal })

      giveUp.abort(new Error("too slow"))

      await expect(connecting).rejects.toThrow()
      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("leaves no socket when the signal aborts while the handshake waits", async () => {
      const giveUp = new AbortController()
      trial.faults.stall()
      const connecting = trial.rig.open().connect({ signal: giveUp.signal })
      await trial.until(() => expect(trial.faults.counts.open).toBe(1))

      giveUp.abort(new Error("too slow"))
      const [attempt] = await Promise.allSettled([connecting])
      // Without a handshake to wait for, the connection was there before the abort, and is the caller's.
      if (attempt.status === "fulfilled") attempt.value.destroy(new Error("too slow"))
      trial.faults.resume()

      await trial.until(() => expect(trial.faults.counts.open).toBe(0))
    })

    it("keeps a connection when the signal of its connect aborts later", async () => {
      const late = new AbortController()
      const connection = await trial.rig.open().connect({ signal: late.signal })

      late.abort(new Error("the attempt is long over"))

      expect(await trial.ask(connection, "PING")).toBe("PONG")
      await connection.close()
    })
  })
}
