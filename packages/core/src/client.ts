import { failOnAbort } from "./aborts.ts"
import { makeCall } from "./call.ts"
import { toArgs } from "./commands/arguments.ts"
import type { CommandSpec } from "./commands/table.ts"
import type { CommonSettings } from "./common-options.ts"
import { Deadlines } from "./deadlines.ts"
import { PoolClosedError, UnsupportedCommandError } from "./errors.ts"
import { Events } from "./events.ts"
import type { How } from "./how.ts"
import { kindOf } from "./kind.ts"
import type { Lane, MainLane, Sendable, Surroundings } from "./lane.ts"
import { Ledgers } from "./ledger.ts"
import { type Call, Command, type Terms } from "./pending.ts"
import type { PoolStats } from "./pool.ts"
import { unsentError } from "./retry.ts"

const NO_CONNECTIONS: PoolStats = {
  connecting: 0,
  idle: 0,
  shared: 0,
  leased: 0,
  waiting: 0,
  opened: 0,
  closed: 0,
  evicted: 0,
}

/** What every client is made of, and the way in for commands. Where they go is the subclass's. */
export abstract class Client {
  readonly settings: CommonSettings
  readonly events: Events
  /** The lane of ordinary commands. */
  abstract readonly main: MainLane
  protected readonly surroundings: Surroundings
  readonly ledgers: Ledgers
  /** Why nothing is accepted any more. */
  closed: PoolClosedError | undefined
  #draining: Promise<void> | undefined

  /** @param patienceMs - How long a verdict about a deadline waits for input that keeps growing. */
  constructor(settings: CommonSettings, patienceMs: number) {
    const { host, transport } = settings
    this.settings = settings
    this.events = new Events(host)
    const deadlines = new Deadlines(host, patienceMs)
    this.surroundings = { host, events: this.events, deadlines, traits: transport.traits }
    this.ledgers = new Ledgers(() => host.scope?.())
  }

  /** Connections by state; none where the transport keeps none. */
  stats(): PoolStats {
    return NO_CONNECTIONS
  }

  /** The call of a method. Throws ArgumentError. */
  callOf(spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): Call {
    return makeCall(spec, decode, toArgs(spec, args, this.settings.keyPrefix))
  }

  /** Runs a command on its own. Rejects, or throws, if it has no way to go. */
  run(call: Call, how: How | undefined): Promise<unknown> {
    this.admit(call)
    return this.issue(this.main, call, how)
  }

  /** Throws UnsupportedCommandError for a command that can't be collected with others. */
  admit(call: Call, _into?: "pipeline" | "transaction"): void {
    if (kindOf(call) === "ordinary") return
    const message = `${call.spec.wire} needs a connection of its own: use a transport over TCP`
    throw new UnsupportedCommandError(message, { fate: "unsent" })
  }

  /** Who waits, and until when: the command's own limit or the end of the invocation, whichever comes first. */
  terms(how: How | undefined, extraMs = 0): Terms {
    const { commandTimeoutMs, reserveMs } = this.settings
    const { deadlines } = this.surroundings
    const ledger = this.ledgers.current()
    const issued = deadlines.now()
    let deadline = issued + (how?.timeoutMs ?? commandTimeoutMs) + extraMs
    if (ledger.scope) deadline = Math.min(deadline, deadlines.fromWallClock(ledger.scope.endsAt) - reserveMs)
    return { ledger, issued, deadline }
  }

  /** Hands a command to a lane and gives the caller's promise. */
  // biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
  issue(lane: Lane, call: Call, how: How | undefined, extraMs = 0): Promise<unknown> {
    return this.enlist(lane, new Command(call, this.terms(how, extraMs), lane), how)
  }

  /** Puts a command into a lane's queue, unless its caller has given up already. Gives the caller's promise. */
  enlist(lane: Lane, pending: Sendable, how: How | undefined): Promise<unknown> {
    const signal = how?.signal
    if (signal) failOnAbort(pending, signal)
    const ending = pending.ledger.scope?.signal
    if (ending) failOnAbort(pending, ending)
    if (this.closed && lane === this.main) pending.settle(unsentError("", this.closed))
    if (pending.stage === 0) lane.submit(pending)
    return pending.promise
  }

  /** Refuses new work, lets the old finish within its deadlines, closes all. */
  drain(): Promise<void> {
    this.closed ??= new PoolClosedError("the client is draining: create another")
    this.#draining ??= this.finish(this.closed)
    return this.#draining
  }

  /** Refuses new work, gives up the old, closes all now. */
  async close(): Promise<void> {
    this.closed ??= new PoolClosedError("the client is closed: create another")
    await this.abandon(this.closed)
  }

  /** Waits for what is under way, then ends. */
  protected async finish(reason: PoolClosedError): Promise<void> {
    await this.ledgers.whole.settled()
    await this.abandon(reason)
  }

  /** Ends at once. */
  protected async abandon(reason: PoolClosedError): Promise<void> {
    this.main.end(reason)
    this.surroundings.deadlines.stop()
  }
}
