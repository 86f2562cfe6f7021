import { ping } from "./ask.ts"
import { watchBatch } from "./batch-watch.ts"
import { ConnectionError, type PoolClosedError } from "./errors.ts"
import type { Sendable, Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import { SENT } from "./pending.ts"
import { Rest } from "./rest.ts"
import type { RetryWrites } from "./retry.ts"
import { SurvivingLane } from "./surviving-lane.ts"
import type { Connection } from "./transport.ts"

/** What a lane that a transport makes is told. */
export interface LaneLimits extends Pick<Limits, "validateAfterMs" | "validateTimeoutMs"> {
  readonly retryWrites: RetryWrites
}

/** Batches of reads under way at once: the Workers runtime opens six connections in one invocation at the most. */
const MOST_EXCHANGES = 5

/** What goes next. */
interface Batch {
  readonly batch: readonly Sendable[]
  readonly readsOnly: boolean
}

/** One batch under way. */
interface Exchange {
  /** Aborts once nobody waits for any of it. */
  readonly controller: AbortController
  readonly readsOnly: boolean
  left: number
}

/**
 * The lane where a batch is a request of its own and nothing stays open in between: HTTP, RPC. Batches overlap only
 * if all are reads; any other waits for those before it, for nothing else keeps their order.
 */
export class ExchangeLane extends SurvivingLane {
  readonly #connection: Connection
  readonly #limits: LaneLimits
  readonly #pause: Rest
  readonly #exchanges = new Set<Exchange>()
  #count = 0
  #pinging = false
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
    while (this.queue.length > 0 && this.#exchanges.size < MOST_EXCHANGES) {
      const count = this.#countOfNext()
      const batch = this.queue.slice(0, count)
      const readsOnly = batch.every(({ replayable }) => replayable)
      for (const other of this.#exchanges) if (!readsOnly || !other.readsOnly) return
      if (!readsOnly && this.#isIdle) {
        this.#validate()
        return
      }
      this.queue = this.queue.slice(count)
      this.#exchange({ batch, readsOnly })
    }
  }

  /** A platform's keep-alive socket may have died in a freeze: a write is not what should find out. */
  get #isIdle(): boolean {
    const { received, lastByteAt } = this.#connection
    if (received === 0 || this.#alive) return false
    const silentMs = this.surroundings.host.now() - lastByteAt
    return silentMs > this.#limits.validateAfterMs || silentMs < 0
  }

  /** Asks first. Each PING that is not answered takes a dead socket with it. */
  #validate(): void {
    const { host } = this.surroundings
    const giveUp = new AbortController()
    const timer = host.after(this.#limits.validateTimeoutMs, () => {
      void host.turn().then(() => giveUp.abort())
    })
    this.#pinging = true
    void ping(this.#connection, giveUp.signal).then((alive) => {
      timer.cancel()
      this.#pinging = false
      this.#alive = alive
      this.#unanswered = alive ? 0 : this.#unanswered + 1
      if (this.#unanswered > 1 && this.isAwaited) {
        this.#pause.begin("connect", { attempt: this.#unanswered }, this)
      } else {
        this.schedule()
      }
    })
  }

  /** How many requests go next: a transaction alone, else all up to the next one or to the transport's limits. */
  #countOfNext(): number {
    const { maxRequests, maxBytes } = this.surroundings.traits
    let bytes = 0
    let count = 0
    for (const pending of this.queue) {
      bytes += pending.size
      const isTransaction = "commands" in pending
      if (count > 0 && (isTransaction || count === maxRequests || bytes > maxBytes)) break
      count += 1
      if (isTransaction) break
    }
    return count
  }

  #exchange({ batch, readsOnly }: Batch): void {
    const { events, host } = this.surroundings
    this.#wasIdle = this.#isIdle
    this.#alive = false
    const watched = events.wanted("batch") ? watchBatch(batch, host) : undefined
    const tellWatcher = batch[0]?.onSettled
    const exchange: Exchange = { controller: new AbortController(), readsOnly, left: batch.length }
    const onSettled = (failure?: unknown): void => {
      tellWatcher?.(failure)
      exchange.left -= 1
      if (exchange.left === 0) this.#over(exchange)
    }
    for (const pending of batch) {
      pending.stage = SENT
      pending.onSettled = onSettled
    }
    this.#exchanges.add(exchange)
    this.#connection.send(batch, exchange.controller.signal)
    if (watched === undefined) return
    this.#count += 1
    events.emit("batch", { id: this.#count, size: batch.length, ...watched })
    // A listener may have aborted what is still in the queue.
    this.prune()
  }

  /** Nobody waits for it any more: it is answered, or all gave up. */
  #over(exchange: Exchange): void {
    this.#exchanges.delete(exchange)
    // Later: the connection may be in the midst of settling it.
    queueMicrotask(() => exchange.controller.abort())
    this.schedule()
  }

  /** Puts survivors back in front, and waits; only once all is answered is it known whether a write overtook them. */
  #restoreSurvivors(): boolean {
    const survivors = this.survivors
    survivors.prune()
    if (survivors.size === 0) return true
    if (this.#exchanges.size > 0) return false
    survivors.failOvertaken(this.acknowledged)
    const { refused, attempts, retryAfterMs } = survivors
    survivors.failThoseDueBefore(this.surroundings.deadlines.now() + retryAfterMs)
    this.queue = [...survivors.takeAll(), ...this.queue]
    if (!refused && attempts === 1 && this.#wasIdle) return true
    this.#pause.begin("commands", { attempt: attempts, atLeastMs: retryAfterMs }, this)
    return false
  }
}
