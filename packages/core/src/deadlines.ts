import type { Host, Timer } from "./host.ts"
import type { Pending } from "./pending.ts"

/** What the deadlines need of a lane. */
export interface Watched {
  /** Bytes ever received on the lane's connections. */
  readonly received: number
  /** Everything that has not settled. */
  readonly unsettled: readonly Pending[]
  /** Fails a command that is past its deadline. */
  expire(pending: Pending): void
  /** Called once after a verdict that expired something in flight. */
  suspect(): void
}

/** How much too early a timer may fire by itself, ms; more means that the clock was set back. */
const TIMER_SLACK_MS = 10

/** How long input must have stopped growing to count as complete, ms. */
const SETTLE_MS = 20
/** Longest wait of a timer, ms: a longer one fires at once. */
const LONGEST_MS = 2_147_483_647

/**
 * One timer for the earliest deadline of all commands. When it fires, the verdict waits until the loop has turned
 * and input has stopped growing: a frozen process fires overdue timers before it reads replies that the kernel holds.
 */
export class Deadlines {
  readonly #host: Host
  readonly #patienceMs: number
  readonly #lanes = new Set<Watched>()
  /** Wall clock at which the client began; moves with a clock that is set back. */
  #epoch: number
  #latest = 0
  #stopped = false
  #timer: Timer | undefined
  #target = Number.POSITIVE_INFINITY

  /** @param patienceMs - Longest wait for input that keeps growing; after a freeze, as long as that lasted. */
  constructor(host: Host, patienceMs: number) {
    this.#host = host
    this.#patienceMs = patienceMs
    this.#epoch = host.now()
  }

  /** Now, in ms since the client began: small integers, where wall clock ms are not. Never goes back. */
  now(): number {
    const now = this.#host.now() - this.#epoch
    if (now < this.#latest) {
      this.#epoch -= this.#latest - now
      return this.#latest
    }
    this.#latest = now
    return now
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
    if (deadline >= this.#target || this.#stopped) return
    this.#timer?.cancel()
    const now = this.now()
    const target = Math.min(deadline, now + LONGEST_MS)
    this.#target = target
    this.#timer = this.#host.after(Math.max(0, target - now), () => this.#due(target))
  }

  /** Watches nothing any more: whoever stops it has settled every command. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#target = Number.POSITIVE_INFINITY
  }

  #due(target: number): void {
    this.#timer = undefined
    this.#target = Number.POSITIVE_INFINITY
    // The timer is the proof that `target` has passed, whatever a clock that was set back says.
    const early = target - this.now()
    if (early > TIMER_SLACK_MS) this.#epoch -= early
    const now = Math.max(this.now(), target)
    if (this.#earliest() <= now) void this.#judge(now, Math.max(this.#patienceMs, now - target))
    else this.arm(this.#earliest())
  }

  async #judge(now: number, patienceMs: number): Promise<void> {
    await this.#input(patienceMs)
    for (const lane of this.#lanes) {
      const late = lane.unsettled.filter(({ deadline }) => deadline <= now)
      const inFlight = late.some(({ stage }) => stage !== 0)
      for (const pending of late) lane.expire(pending)
      if (inFlight) lane.suspect()
    }
    this.arm(this.#earliest())
  }

  /** Waits for what the kernel already holds, and for a large reply that is still coming in. */
  async #input(patienceMs: number): Promise<void> {
    const startedAt = this.now()
    let before = this.#received()
    await this.#host.turn()
    while (this.#received() !== before && this.now() - startedAt < patienceMs && !this.#stopped) {
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
    for (const lane of this.#lanes)
      for (const { deadline } of lane.unsettled) earliest = Math.min(earliest, deadline)
    return earliest
  }
}
