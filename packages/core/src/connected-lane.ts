import { Lane } from "./lane.ts"
import { Pending, SETTLED } from "./pending.ts"
import type { Connection } from "./transport.ts"

/** How long input must have stopped growing to count as complete, ms. */
const SETTLE_MS = 20

/** A lane whose commands are in flight on connections that live on. */
export abstract class ConnectedLane extends Lane {
  /** The connections on which something of this lane may be in flight. */
  protected abstract connections(): readonly Connection[]

  /** Bytes ever received on them. */
  get received(): number {
    return this.connections().reduce((total, connection) => total + connection.received, 0)
  }

  get unsettled(): readonly Pending[] {
    const all: Pending[] = [...this.queue]
    for (const connection of this.connections()) {
      connection.each((owed) => {
        if (owed instanceof Pending && owed.keeper === this) all.push(owed)
      })
    }
    return all.filter(({ stage }) => stage !== SETTLED)
  }

  /** Whether anybody still waits for a command of this lane. */
  protected get isAwaited(): boolean {
    return this.unsettled.length > 0
  }

  /** Waits for what the kernel already holds, and for a large reply that is still coming in. */
  async input(patienceMs: number): Promise<void> {
    const { deadlines, host } = this.surroundings
    const startedAt = deadlines.now()
    let before = this.received
    await host.turn()
    while (this.received !== before && deadlines.now() - startedAt < patienceMs) {
      before = this.received
      await new Promise<void>((resolve) => host.after(SETTLE_MS, resolve))
    }
  }

  /** A connection on which a command was late may have died. */
  abstract suspect(): void
}
