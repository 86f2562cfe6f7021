import { backoffMs } from "./backoff.ts"
import { watchBatch } from "./batch-watch.ts"
import { ConnectionError, type Fate, type PoolClosedError, WarmpoolError } from "./errors.ts"
import type { Exchanger } from "./exchanger.ts"
import type { Timer } from "./host.ts"
import { Lane, type Sendable, type Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import { type Pending, QUEUED, SENT, SETTLED } from "./pending.ts"
import { isRedirect, isRefusal, lostError, mayReplay, type RetryWrites, retryAfterMs } from "./retry.ts"
import type { Request, Transaction } from "./transport.ts"

/** What a lane that a transport makes is told. */
export interface LaneLimits extends Pick<Limits, "validateAfterMs" | "validateTimeoutMs"> {
  readonly retryWrites: RetryWrites
}

/** Batches of reads, or PINGs, under way at once: the Workers runtime opens six connections in one invocation at the most. */
const MOST_EXCHANGES = 5

/** One for all: a reason that each abort makes by itself costs more than the rest of it. */
const NOBODY_WAITS = new ConnectionError("nobody waits")

/**
 * The lane where a batch is a request of its own and nothing stays open in between: HTTP, RPC. Batches overlap only
 * if all are reads; any other waits for those before it, for nothing else keeps their order.
 */
export class ExchangeLane extends Lane {
  readonly #exchanger: Exchanger
  readonly #limits: LaneLimits
  /** Batches under way. */
  readonly #underWay = new Set<readonly Sendable[]>()
  #count = 0
  #ended: PoolClosedError | undefined
  /** Whether something came back that has not found its place in the queue yet, before anything newer. */
  #cameBack = false
  /** Runs until what came back may go again. */
  #pause: Timer | undefined
  /** Whether newcomers wait, too. */
  #isForAll = false
  /** When the last answer came: wall clock, ms. */
  #heardAt: number | undefined
  /** Ends the PINGs under way: the first that is answered, however late, speaks for all. */
  #asking = new AbortController()
  /** PINGs in a row that were not answered. */
  #unanswered = 0
  /** Whether what went last found the connection idle: a loss then says little about the server. */
  #wasIdle = false

  constructor(surroundings: Surroundings, limits: LaneLimits, exchanger: Exchanger) {
    super(surroundings)
    this.#exchanger = exchanger
    this.#limits = limits
  }

  get unsettled(): readonly Pending[] {
    return [...[...this.#underWay].flat(), ...this.queue].filter(({ stage }) => stage !== SETTLED)
  }

  /** Fails what was not sent; what is in flight may have run. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#stopAsking()
    this.#resume()
    this.failQueue(reason)
    for (const pending of [...this.#underWay].flat()) pending.lose("unknown", reason)
    this.#exchanger.close?.()
  }

  /** Whether a command that was refused so is sent again. */
  retries(refusal: Error): boolean {
    return isRefusal(refusal) && !isRedirect(refusal)
  }

  takesBack(pending: Sendable, refusal: Error): boolean {
    if (this.#ended || !this.retries(refusal)) return false
    this.#keep(pending, refusal)
    return true
  }

  lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void {
    pending.exposed ||= fate === "unknown"
    const mayGo = fate === "unsent" || mayReplay(pending, this.#limits.retryWrites)
    if (mayGo && !this.#ended) this.#keep(pending, cause)
    else this.giveUp(pending, this.#ended ?? cause)
  }

  #keep(pending: Sendable, setback: Error): void {
    pending.requeue(setback)
    this.queue.push(pending)
    this.#cameBack = true
    this.schedule()
  }

  protected flush(): void {
    if (this.#ended || !this.#sorts()) return
    this.prune()
    const [head] = this.queue
    if (head === undefined) this.#stopAsking()
    // A newcomer does not wait for those that have given up: its first try is not a repetition.
    else if (this.#pause && (this.#isForAll || head.attempts > 0)) return
    while (this.queue.length > 0 && this.#underWay.size < MOST_EXCHANGES) {
      const batch = this.queue.slice(0, this.#countOfNext())
      const readsOnly = [...[...this.#underWay].flat(), ...batch].every(({ replayable }) => replayable)
      if (!readsOnly && this.#underWay.size > 0) return
      if (!readsOnly && this.#isIdle) {
        this.#ask()
        return
      }
      this.queue = this.queue.slice(batch.length)
      this.#send(batch)
    }
  }

  /** How many requests go next: a transaction alone, else all up to the next one or to the transport's limits. */
  #countOfNext(): number {
    const { maxRequests, maxBytes } = this.surroundings.traits
    let bytes = 0
    let count = 0
    for (const pending of this.queue) {
      const isTransaction = "commands" in pending
      bytes += pending.size
      if (count > 0 && (isTransaction || count === maxRequests || bytes > maxBytes)) break
      count += 1
      if (isTransaction) break
    }
    return count
  }

  #send(batch: readonly Sendable[]): void {
    const { events, host } = this.surroundings
    const stop = new AbortController()
    const { command, done } = watchBatch(batch, host)
    this.#wasIdle = this.#isIdle
    this.#underWay.add(batch)
    for (const pending of batch) pending.stage = SENT
    const lose = (cause?: unknown): void => this.#lose(batch, cause)
    this.#exchange(batch, stop.signal).then(lose, lose)
    void done.then(() => {
      this.#underWay.delete(batch)
      // Nobody waits for it any more: it is answered, or all gave up.
      stop.abort(NOBODY_WAITS)
      this.schedule()
    })
    if (!events.wanted("batch")) return
    this.#count += 1
    events.emit("batch", { id: this.#count, size: batch.length, command, done })
    // A listener may have aborted what is still in the queue.
    this.prune()
  }

  async #exchange(batch: readonly (Request | Transaction)[], signal: AbortSignal): Promise<void> {
    await this.#exchanger.exchange(batch, signal)
    this.#heardAt = this.surroundings.host.now()
  }

  /** Loses what is still in flight of a batch; of one that has come to its end, it may be on its way again. */
  #lose(batch: readonly Sendable[], cause: unknown): void {
    if (!this.#underWay.has(batch)) return
    const fate = cause instanceof WarmpoolError && cause.fate === "unsent" ? "unsent" : "unknown"
    const why = cause instanceof Error ? cause.message : "no reply"
    const error = new ConnectionError(`the request failed: ${why}`, { cause, fate })
    for (const pending of batch) if (pending.stage === SENT) pending.lose(fate, error)
  }

  /** A platform's keep-alive socket may have died in a freeze: a write is not what should find out. */
  get #isIdle(): boolean {
    if (this.#heardAt === undefined) return false
    const silentMs = this.surroundings.host.now() - this.#heardAt
    return silentMs > this.#limits.validateAfterMs || silentMs < 0
  }

  /**
   * Sends a PING before a write. One that is not answered in time is not given up: it keeps a dead socket from the next
   * one, or the server is further away than that; but of a server that is gone none is ever answered.
   */
  #ask(): void {
    const attempt = this.#unanswered
    if (attempt > 0 && attempt % MOST_EXCHANGES === 0) {
      this.#asking.abort(NOBODY_WAITS)
      this.#asking = new AbortController()
    }
    const { signal } = this.#asking
    this.#unanswered += 1
    this.#rest("connect", attempt, this.#limits.validateTimeoutMs)
    const hear = (): void => {
      this.#heardAt = this.surroundings.host.now()
      this.#stopAsking()
    }
    const again = (): void => {
      if (attempt === 0 && !signal.aborted) this.#resume()
    }
    const ping: Request = { args: ["PING"], decode: "text", resolve: hear, reject: hear, lose: again }
    this.#exchange([ping], signal).catch(again)
  }

  #stopAsking(): void {
    if (this.#unanswered === 0) return
    this.#unanswered = 0
    this.#asking.abort(NOBODY_WAITS)
    this.#asking = new AbortController()
    this.#resume()
  }

  /** Waits before the next try, so that a fleet does not come back at one moment. */
  #rest(what: "connect" | "commands", attempt: number, atLeastMs: number): void {
    const { events, host } = this.surroundings
    const inMs = atLeastMs + (attempt && backoffMs(attempt))
    if (attempt > 0 && events.wanted("retry"))
      events.emit("retry", { what, count: this.unsettled.length, inMs })
    this.#pause?.cancel()
    this.#isForAll = atLeastMs > 0
    this.#pause = host.after(inMs, () => this.#resume())
  }

  #resume(): void {
    this.#pause?.cancel()
    this.#pause = undefined
    this.flush()
  }

  /**
   * Puts what came back in its place, which then waits; false while something is under way, for only once all is
   * answered is it known whether a write overtook it.
   */
  #sorts(): boolean {
    if (!this.#cameBack) return true
    if (this.#underWay.size > 0) return false
    this.#cameBack = false
    this.queue.sort((one, other) => one.sequence - other.sequence)
    const now = this.surroundings.deadlines.now()
    let attempt = 0
    let atLeastMs = 0
    let isRefused = false
    for (const pending of this.queue.filter(({ stage, attempts }) => stage === QUEUED && attempts > 0)) {
      if (this.#isOvertaken(pending)) continue
      const askedMs = retryAfterMs(pending)
      attempt = Math.max(attempt, pending.attempts)
      atLeastMs = Math.max(atLeastMs, askedMs)
      isRefused ||= isRefusal(pending.setback)
      // It can't wait as long as the server asked.
      if (askedMs > 0 && pending.deadline <= now + askedMs) pending.settle(pending.setback)
    }
    const isAtOnce = attempt === 1 && this.#wasIdle && !isRefused
    if (attempt > 0 && !isAtOnce) this.#rest("commands", attempt, atLeastMs)
    return true
  }

  /** Whether a later write than one that was refused was acknowledged; then that fails. */
  #isOvertaken(pending: Sendable): boolean {
    const { setback, sequence, exposed } = pending
    if (!isRefusal(setback) || this.acknowledged < sequence) return false
    pending.settle(exposed ? lostError(pending, setback) : setback)
    return true
  }
}
