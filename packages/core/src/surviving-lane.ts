import type { Fate, PoolClosedError } from "./errors.ts"
import { Lane, type Sendable, type Surroundings } from "./lane.ts"
import type { Pending } from "./pending.ts"
import { isRedirect, isRefusal, mayReplay, type RetryWrites } from "./retry.ts"
import { Survivors } from "./survivors.ts"

/** A lane whose commands outlive their connection: what did not run, and what only reads, is kept to be sent again. */
export abstract class SurvivingLane extends Lane {
  protected readonly mayReplay: (pending: Pending) => boolean
  protected readonly survivors = new Survivors()
  /** Whether anything was lost in flight since the connection opened. */
  protected lostInFlight = false
  protected ended: PoolClosedError | undefined

  constructor(surroundings: Surroundings, retryWrites: RetryWrites) {
    super(surroundings)
    this.mayReplay = (pending) => mayReplay(pending, retryWrites)
  }

  override get unsettled(): readonly Pending[] {
    return [...this.survivors.unsettled, ...super.unsettled]
  }

  /** Whether a command that was refused so is sent again. */
  retries(refusal: Error): boolean {
    return isRefusal(refusal) && !isRedirect(refusal)
  }

  takesBack(pending: Sendable, refusal: Error): boolean {
    if (this.ended || !this.retries(refusal)) return false
    this.survivors.keep(pending, refusal)
    this.attentive = true
    this.schedule()
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
      this.survivors.keep(pending, cause)
      this.schedule()
    }
  }

  /** Fails everything that is not in flight. */
  protected override failQueue(cause: Error): void {
    this.queue = [...this.survivors.takeAll(), ...this.queue]
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
