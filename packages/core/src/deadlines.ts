import type { Host, Timer } from "./host.ts"
import type { Pending } from "./pending.ts"

/** What the deadlines need of a lane. */
export interface Watched {
  /** Bytes ever received on the lane's connections. */
  readonly received: number
  /** Walks everything that has not settled. */
  eachPending(visit: (pending: Pending) => void): void
  /** Fails a command that is past its deadline. */
  expire(pending: Pending): void
  /** Called once after a verdict that expired something in flight. */
  suspect(): void
}

/** Pause between two looks at input that is still arriving, ms. */
const SETTLE_MS = 5

/**
 * One timer for the earliest deadline of all commands. When it fires, the verdict waits until the loop has turned
 * and input has stopped growing: a frozen process fires overdue timers before it reads replies that the kernel holds.
 */
export class Deadlines {
  readonly #host: Host
  readonly #patienceMs: number
  readonly #epoch: number
  readonly #lanes = new Set<Watched>()
  #timer: Timer | undefined
  #target = Number.POSITIVE_INFINITY

  /** @param patienceMs - Longest wait for input that keeps growing. */
  constructor(host: Host, patienceMs: number) {
    this.#host = host
    this.#patienceMs = patienceMs
    this.#epoch = host.now()
  }

  /** Now, in ms since the client began: small integers, where wall clock ms are not. */
  now(): number {
    return this.#host.now() - this.#epoch
  }

  /** The same point in time on the client's own scale. */
  fromWallClock(at: number): number {
    return at - this.#epoch
  }

  watch(lane: Watched): void {
    this.#lanes.add(lane)
  }

  unwatch(lane: Watched): void {
    this.#lanes.delete(lane)
  }

  /** Makes sure that somebody looks at `deadline`. */
  arm(deadline: number): void {
    if (deadline >= this.#target) return
    this.#timer?.cancel()
    this.#target = deadline
    this.#timer = this.#host.after(Math.max(0, deadline - this.now()), () => this.#due(deadline))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#target = Number.POSITIVE_INFINITY
  }

  #due(target: number): void {
    this.#timer = undefined
    this.#target = Number.POSITIVE_INFINITY
    // The timer is the proof that `target` has passed, whatever a clock that was set back says.
    const now = Math.max(this.now(), target)
    if (this.#earliest() <= now) void this.#judge(now)
    else this.arm(this.#earliest())
  }

  async #judge(now: number): Promise<void> {
    await this.#input()
    for (const lane of this.#lanes) {
      let inFlight = false
      lane.eachPending((pending) => {
        if (pending.deadline > now) return
        if (pending.stage !== 0) inFlight = true
        lane.expire(pending)
      })
      if (inFlight) lane.suspect()
    }
    this.arm(this.#earliest())
  }

  /** Waits for what the kernel already holds, and for a large reply that is still coming in. */
  async #input(): Promise<void> {
    const startedAt = this.#host.now()
    let before = this.#received()
    await this.#host.turn()
    while (this.#received() !== before && Math.abs(this.#host.now() - startedAt) < this.#patienceMs) {
      before = this.#received()
      await new Promise<void>((resolve) => this.#host.after(SETTLE_MS, resolve))
    }
  }

  #received(): number {
    let received = 0
    for (const lane of this.#lanes) received += lane.received
    return received
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      lane.eachPending((pending) => {
        if (pending.deadline < earliest) earliest = pending.deadline
      })
    }
    return earliest
  }
}
