import { ping, within } from "./ask.ts"
import { watchBatch } from "./batch-watch.ts"
import { ConnectionError, type PoolClosedError } from "./errors.ts"
import type { Sendable, Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import { SENT } from "./pending.ts"
import { Rest } from "./rest.ts"
import type { RetryWrites } from "./retry.ts"
import { SurvivingLane } from "./surviving-lane.ts"
import { failOvertaken, mostAttempts, mustWait, retryAfterMs } from "./survivors.ts"
import type { Connection } from "./transport.ts"

/** What a lane that a transport makes is told. */
export interface LaneLimits extends Pick<Limits, "validateAfterMs" | "validateTimeoutMs"> {
  readonly retryWrites: RetryWrites
}

/** Batches of reads under way at once: the Workers runtime opens six connections in one invocation at the most. */
const MOST_EXCHANGES = 5

/** One for all: a reason that each abort makes by itself costs more than the rest of it. */
const NOBODY_WAITS = new ConnectionError("nobody waits for it any more")

/**
 * The lane where a batch is a request of its own and nothing stays open in between: HTTP, RPC. Batches overlap only
 * if all are reads; any other waits for those before it, for nothing else keeps their order.
 */
export class ExchangeLane extends SurvivingLane {
  readonly #connection: Connection
  readonly #limits: LaneLimits
  readonly #pause: Rest
  /** Batches under way, and whether they only read. */
  #underWay = 0
  #readsOnly = true
  #count = 0
  #pinging = false
  /** Ends the PINGs under way: the first that is answered, however late, speaks for all. */
  #asking: AbortController | undefined
  /** PINGs in a row that were not answered. */
  #unanswered = 0
  /** Whether a PING has just been answered, so that what is behind it may go. */
  #alive = false
  /** Whether what went last found the connection idle: a loss then says little about the server. */
  #wasIdle = false

  constructor(surroundings: Surroundings, limits: LaneLimits, connection: Connection) {
    super(surroundings, limits.retryWrites)
    this.#connection = connection
    this.#limits = limits
    this.#pause = new Rest(surroundings, () => this.schedule())
  }

  /** Fails what was not sent; what is in flight is lost with its connection. */
  end(reason: PoolClosedError): void {
    this.ended = reason
    this.#pause.cancel()
    this.failQueue(reason)
    this.#connection.destroy(reason)
  }

  /** Nobody is asked whether a single exchange is stuck: each has its own deadline. */
  suspect(): void {}

  protected connections(): readonly Connection[] {
    return [this.#connection]
  }

  protected get obstacle(): unknown {
    if (this.#pinging) return new ConnectionError("the connection was idle, and does not answer")
    return undefined
  }

  protected flush(): void {
    if (this.ended || this.#pinging || this.#pause.holdsBack(this) || !this.#restoreSurvivors()) return
    this.prune()
    if (this.queue.length === 0) this.#stopAsking()
    while (this.queue.length > 0 && this.#underWay < MOST_EXCHANGES) {
      const batch = this.queue.slice(0, this.#countOfNext())
      const readsOnly = batch.every(({ replayable }) => replayable)
      if (this.#underWay > 0 && !(readsOnly && this.#readsOnly)) return
      if (!readsOnly && this.#isIdle) {
        void this.#validate()
        return
      }
      this.queue = this.queue.slice(batch.length)
      this.#readsOnly = readsOnly
      this.#exchange(batch)
    }
  }

  /** A platform's keep-alive socket may have died in a freeze: a write is not what should find out. */
  get #isIdle(): boolean {
    const { received, lastByteAt } = this.#connection
    if (received === 0 || this.#alive) return false
    const silentMs = this.surroundings.host.now() - lastByteAt
    return silentMs > this.#limits.validateAfterMs || silentMs < 0
  }

  /**
   * Asks first. A PING that is not answered in time is not given up: it keeps a dead socket from the next one, or the
   * server is further away than that.
   */
  async #validate(): Promise<void> {
    this.#asking ??= new AbortController()
    const answer = ping(this.#connection, this.#asking.signal)
    this.#pinging = true
    void answer.then((answered) => answered && this.#hear())
    await within(this.surroundings.host, this.#limits.validateTimeoutMs, answer)
    this.#pinging = false
    if (!this.#alive) this.#unanswered += 1
    if (!this.#alive && this.#unanswered > 1 && this.isAwaited) {
      this.#pause.begin("connect", { attempt: this.#unanswered }, this)
    } else {
      this.schedule()
    }
  }

  /** There is a connection that lives: what is behind the PINGs may go. */
  #hear(): void {
    this.#alive = true
    this.#unanswered = 0
    this.#stopAsking()
    this.#pause.connected()
    this.schedule()
  }

  #stopAsking(): void {
    this.#asking?.abort(NOBODY_WAITS)
    this.#asking = undefined
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

  #exchange(batch: readonly Sendable[]): void {
    const { events, host } = this.surroundings
    const controller = new AbortController()
    const { command, done } = watchBatch(batch, host)
    this.#wasIdle = this.#isIdle
    this.#alive = false
    this.#underWay += 1
    for (const pending of batch) pending.stage = SENT
    this.#connection.send(batch, controller.signal)
    void done.then(() => {
      this.#underWay -= 1
      // Nobody waits for it any more: it is answered, or all gave up.
      controller.abort(NOBODY_WAITS)
      this.schedule()
    })
    if (!events.wanted("batch")) return
    this.#count += 1
    events.emit("batch", { id: this.#count, size: batch.length, command, done })
    // A listener may have aborted what is still in the queue.
    this.prune()
  }

  /** Puts survivors back in front, and waits; only once all is answered is it known whether a write overtook them. */
  #restoreSurvivors(): boolean {
    if (this.survivors.length === 0) return true
    if (this.#underWay > 0) return false
    failOvertaken(this.survivors, this.acknowledged)
    const { survivors } = this
    const attempt = mostAttempts(survivors)
    const atLeastMs = survivors.reduce((most, one) => Math.max(most, retryAfterMs(one)), 0)
    const end = this.surroundings.deadlines.now() + atLeastMs
    // Those that can't wait as long as the server asked fail with its refusal.
    for (const pending of survivors)
      if (pending.deadline <= end && retryAfterMs(pending) > 0) pending.settle(pending.setback)
    this.restore()
    if (attempt === 1 && this.#wasIdle && !survivors.some(mustWait)) return true
    const holds = atLeastMs > 0 ? "all" : "those before"
    this.#pause.begin("commands", { attempt, atLeastMs, holds }, this)
    return false
  }
}
