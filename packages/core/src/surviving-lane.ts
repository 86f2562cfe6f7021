import { ConnectedLane } from "./connected-lane.ts"
import type { Fate, PoolClosedError } from "./errors.ts"
import type { Sendable, Surroundings } from "./lane.ts"
import { type Pending, SETTLED } from "./pending.ts"
import { isRedirect, isRefusal, mayReplay, type RetryWrites } from "./retry.ts"

/** A lane whose commands outlive their connection: what did not run, and what only reads, is kept to be sent again. */
export abstract class SurvivingLane extends ConnectedLane {
  protected readonly mayReplay: (pending: Pending) => boolean
  /** Whether anything was lost in flight since the connection opened. */
  protected lostInFlight = false
  protected ended: PoolClosedError | undefined
  #survivors: Sendable[] = []

  constructor(surroundings: Surroundings, retryWrites: RetryWrites) {
    super(surroundings)
    this.mayReplay = (pending) => mayReplay(pending, retryWrites)
  }

  override get unsettled(): readonly Pending[] {
    return [...this.survivors, ...super.unsettled]
  }

  /** Commands taken back from a connection, to be sent again before anything newer. */
  protected get survivors(): readonly Sendable[] {
    this.#survivors = this.#survivors.filter(({ stage }) => stage !== SETTLED)
    return this.#survivors
  }

  /** Puts them in front of the queue, in the order they were issued. */
  protected restore(): void {
    this.queue = [...this.survivors.toSorted((a, b) => a.sequence - b.sequence), ...this.queue]
    this.#survivors = []
  }

  #keep(pending: Sendable, setback: Error): void {
    pending.requeue(setback)
    this.#survivors.push(pending)
    this.schedule()
  }

  /** Whether a command that was refused so is sent again. */
  retries(refusal: Error): boolean {
    return isRefusal(refusal) && !isRedirect(refusal)
  }

  takesBack(pending: Sendable, refusal: Error): boolean {
    if (this.ended || !this.retries(refusal)) return false
    this.attentive = true
    this.#keep(pending, refusal)
    return true
  }

  lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void {
    if (fate === "unknown") {
      this.lostInFlight = true
      pending.exposed = true
    }
    if (this.ended) {
      this.giveUp(pending, this.ended)
    } else if (fate === "unknown" && !this.mayReplay(pending)) {
      this.giveUp(pending, cause)
    } else {
      this.#keep(pending, cause)
    }
  }

  /** Fails everything that is not in flight. */
  protected override failQueue(cause: Error): void {
    this.restore()
    super.failQueue(cause)
  }

  /** Whether something in the queue may belong to another lane, so that nothing is sent until it is placed. */
  protected get misplaced(): boolean {
    return false
  }

  /** Gives what stays in this lane; called when nothing is in flight. */
  protected place(queue: Sendable[]): Sendable[] {
    return queue
  }
}
