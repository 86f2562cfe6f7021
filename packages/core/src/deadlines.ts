import type { Host, Timer } from "./host.ts"
import { type Pending, QUEUED } from "./pending.ts"

/** What the deadlines need of a lane. */
export interface Watched {
  /** Everything that has not settled. */
  readonly unsettled: readonly Pending[]
  /** Waits for input that is still coming in, `patienceMs` at the most; missing where replies come whole. */
  input?(patienceMs: number): Promise<void>
  /** Fails a command that is past its deadline. */
  expire(pending: Pending): void
  /** Called once after a verdict that expired something in flight. */
  suspect?(): void
}

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
  #timer: Timer | undefined
  /** When the timer fires. */
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
    if (now < this.#latest) this.#epoch -= this.#latest - now
    else this.#latest = now
    return this.#latest
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
    const now = this.now()
    const target = Math.min(deadline, now + LONGEST_MS)
    this.#target = target
    this.#timer = this.#host.after(Math.max(0, target - now), () => void this.#judge(target))
  }

  /** Watches nothing any more: whoever stops it has settled every command. */
  stop(): void {
    this.#timer?.cancel()
    this.#target = Number.NEGATIVE_INFINITY
    this.#lanes.clear()
  }

  async #judge(target: number): Promise<void> {
    this.#target = Number.POSITIVE_INFINITY
    // The timer is the proof that `target` has passed, whatever a clock that was set back says.
    this.#latest = Math.max(this.#latest, target)
    const now = this.now()
    const patienceMs = Math.max(this.#patienceMs, now - target)
    await Promise.all([this.#host.turn(), ...Array.from(this.#lanes, (lane) => lane.input?.(patienceMs))])
    for (const lane of this.#lanes) {
      const late = lane.unsettled.filter(({ deadline }) => deadline <= now)
      const inFlight = late.some(({ stage }) => stage !== QUEUED)
      for (const pending of late) lane.expire(pending)
      if (inFlight) lane.suspect?.()
    }
    for (const lane of this.#lanes) for (const { deadline } of lane.unsettled) this.arm(deadline)
  }
}
