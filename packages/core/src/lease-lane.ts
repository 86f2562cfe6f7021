import { ask, within } from "./ask.ts"
import type { CommandSpec } from "./commands/table.ts"
import { ConnectedLane } from "./connected-lane.ts"
import type { Entry } from "./entry.ts"
import { ConnectionError, type Fate } from "./errors.ts"
import type { Scope } from "./host.ts"
import type { Sendable, Surroundings } from "./lane.ts"
import { needsNewConnection } from "./retry.ts"
import { transmit } from "./transmit.ts"
import type { Connection } from "./transport.ts"

/** Stateful commands that leave nothing behind: they only depend on what was sent before. */
const HARMLESS = new Set(["unwatch", "wait", "waitaof"])

/** The lane of one lease. Its connection has a state of its own, so nothing is sent again on another. */
export class LeaseLane extends ConnectedLane {
  readonly entry: Entry
  /** Since when it is held: wall clock, ms. */
  readonly since: number
  /** The invocation that holds it. */
  readonly scope: Scope | undefined
  /** Where it was acquired, until that was reported; undefined if there is nothing to report. */
  stack: string | undefined
  #watching = false
  #spoiled = false
  #ended: Error | undefined

  constructor(
    surroundings: Surroundings,
    entry: Entry,
    holder: { readonly scope: Scope | undefined; readonly stack: string | undefined },
  ) {
    super(surroundings)
    this.entry = entry
    this.since = surroundings.host.now()
    this.scope = holder.scope
    this.stack = holder.stack
    entry.onGone = (reason) => this.end(reason)
    entry.onWritable = () => this.schedule()
    if (entry.state === "closed") this.end(new ConnectionError("the connection was lost as it was leased"))
  }

  /** Why nothing can be sent any more; undefined while the lease is held. */
  get ended(): Error | undefined {
    return this.#ended
  }

  /** Remembers what a stateful command leaves behind on the connection. */
  note({ name }: CommandSpec): void {
    if (name === "watch") this.#watching = true
    else if (!HARMLESS.has(name)) this.#spoiled = true
  }

  /** Takes nothing more; what was not sent fails. */
  end(reason: Error): void {
    this.#ended ??= reason
    this.failQueue(this.#ended)
  }

  /**
   * Whether the connection may be leased again: everything was answered and nothing was left behind.
   * Sends UNWATCH where a WATCH was, and waits `timeoutMs` at the most.
   */
  async isClean(timeoutMs: number): Promise<boolean> {
    this.surroundings.deadlines.unwatch(this)
    const { connection, state } = this.entry
    if (this.#spoiled || state === "closed" || connection.owed > 0) return false
    if (!this.#watching) return true
    return within(this.surroundings.host, timeoutMs, ask(connection, "UNWATCH", "no error"))
  }

  protected connections(): readonly Connection[] {
    return [this.entry.connection]
  }

  protected override get obstacle(): unknown {
    return this.#ended
  }

  protected flush(): void {
    if (this.#ended) this.failQueue(this.#ended)
    this.prune()
    transmit(this, this.entry)
  }

  /** A reply that comes late would be owed to a caller who is gone. */
  suspect(): void {
    this.#spoiled = true
  }

  /** A server that must not be asked again must not be leased again either. */
  takesBack(_pending: Sendable, refusal: Error): boolean {
    this.#spoiled ||= needsNewConnection(refusal)
    return false
  }

  lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void {
    if (fate === "unknown") pending.exposed = true
    this.giveUp(pending, cause)
  }
}

/** The reason of a lease that was given back and is used all the same. */
export function releasedError(): Error {
  return new ConnectionError("the lease was released: acquire another")
}
