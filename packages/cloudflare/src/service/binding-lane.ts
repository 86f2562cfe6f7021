import {
  backoffMs,
  type Fate,
  Lane,
  type LaneLimits,
  type MainLane,
  mayReplay,
  QUEUED,
  SENT,
  SETTLED,
  type Sendable,
  type Surroundings,
  watchBatch,
} from "@warmpool/core/exchange"
import { callError } from "./call-error.ts"
import { deliver, wireBatch } from "./flight.ts"
import type { WireAnswer, WireBatch } from "./wire.ts"

/** Calls of reads under way at once: the runtime opens six connections in one invocation at the most. */
const MOST_CALLS = 5

/**
 * The lane of ordinary commands through the pool: each tick is a call. Calls overlap only if all read; any other waits
 * for those before it, for nothing else keeps their order. What the server refuses is for the pool to send again.
 */
export class BindingLane extends Lane implements MainLane {
  readonly #retryWrites: LaneLimits["retryWrites"]
  readonly #call: (batch: WireBatch) => Promise<WireAnswer>
  /** What is called for, and whether that only reads. */
  readonly #underWay = new Set<readonly Sendable[]>()
  #readsOnly = true
  #count = 0

  constructor(
    surroundings: Surroundings,
    { retryWrites }: LaneLimits,
    call: (batch: WireBatch) => Promise<WireAnswer>,
  ) {
    super(surroundings)
    this.#retryWrites = retryWrites
    this.#call = call
  }

  get unsettled(): readonly Sendable[] {
    return [...this.#underWay, this.queue].flat().filter(({ stage }) => stage !== SETTLED)
  }

  /** Fails what was not sent; what the pool has is lost. */
  end(reason: Error): void {
    for (const pending of this.unsettled) {
      pending.exposed ||= pending.stage === SENT
      this.giveUp(pending, reason)
    }
  }

  retries(): boolean {
    return false
  }

  takesBack(): boolean {
    return false
  }

  /** Keeps what may go again; it waits with its call. What was not sent the pool tried for as long as its caller waits. */
  lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void {
    pending.exposed ||= fate === "unknown"
    pending.setback = cause
    pending.stage = QUEUED
    if (fate === "unsent") this.expire(pending)
    else if (!mayReplay(pending, this.#retryWrites)) this.giveUp(pending, cause)
  }

  protected flush(): void {
    for (;;) {
      this.prune()
      const batch = this.queue.slice(0, this.#countOfNext())
      const readsOnly = batch.every(({ replayable }) => replayable)
      const calls = this.#underWay.size
      const mayGo = calls === 0 || (readsOnly && this.#readsOnly && calls < MOST_CALLS)
      if (batch.length === 0 || !mayGo) return
      this.queue = this.queue.slice(batch.length)
      this.#readsOnly = readsOnly
      this.#send(batch)
    }
  }

  /** All, or those that a call has room for. */
  #countOfNext(): number {
    const { maxBytes, maxRequests } = this.surroundings.traits
    let bytes = 0
    const tooMany = this.queue.findIndex(({ size }, index) => {
      bytes += size
      return index === maxRequests || (bytes > maxBytes && index > 0)
    })
    return tooMany < 0 ? this.queue.length : tooMany
  }

  #send(batch: readonly Sendable[]): void {
    const { events, host } = this.surroundings
    const { command, done } = watchBatch(batch, host)
    this.#underWay.add(batch)
    void this.#exchange(batch)
    // Also when all gave up: no call could be stopped.
    void done.then(() => {
      this.#underWay.delete(batch)
      this.schedule()
    })
    if (!events.wanted("batch")) return
    this.#count += 1
    events.emit("batch", { id: this.#count, size: batch.length, command, done })
  }

  /** Calls until everything has its outcome, or its time is up. */
  async #exchange(batch: readonly Sendable[]): Promise<void> {
    const { deadlines, events, host } = this.surroundings
    let left = batch
    for (let attempt = 1; left.length > 0; attempt += 1) {
      for (const pending of left) pending.stage = SENT
      const call = this.#call(wireBatch(left, deadlines.now()))
      deliver(left, await call.catch((error: unknown) => callError(error)))
      left = left.filter(isWaiting)
      if (left.length === 0) return
      const inMs = backoffMs(attempt)
      if (events.wanted("retry")) events.emit("retry", { what: "commands", count: left.length, inMs })
      await new Promise<void>((resolve) => host.after(inMs, resolve))
      left = left.filter(isWaiting)
    }
  }
}

function isWaiting({ stage }: Sendable): boolean {
  return stage === QUEUED
}
