import type { CommandSpec } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { Ledger } from "./ledger.ts"
import { harmless } from "./stray.ts"
import type { Arg, Decode, Owed, Reply, Request } from "./transport.ts"

/** Where a pending command stands: in a lane's queue, on a connection, or settled. */
export type Stage = typeof QUEUED | typeof SENT | typeof SETTLED
/** It waits in a lane. */
export const QUEUED = 0
/** It is in flight. */
export const SENT = 1
/** Its caller has an outcome. */
export const SETTLED = 2

/** What a lane does for the commands in it. */
export interface Keeper {
  /** Sequence of the last write that the server acknowledged. */
  acknowledged: number
  /** Whether the lane waits for a sign of life, and so wants to hear of every settlement. */
  attentive: boolean
  attend(): void
  /** Takes a refused command back to send it again; false if it must fail. */
  takesBack(pending: Pending, refusal: Error): boolean
  /** Decides about a command whose connection was lost. */
  lost(pending: Pending, fate: Exclude<Fate, "refused">, cause: Error): void
}

/** Who waits, and for how long. */
export interface Terms {
  readonly ledger: Ledger
  /** Issued at and due at: ms since the client began. */
  readonly issued: number
  readonly deadline: number
}

/**
 * One command (or transaction) between the caller and its reply. It settles once; what arrives later is dropped.
 * Source of the rules: design, fate and retry.
 */
export abstract class Pending<T = unknown> implements Owed<T> {
  readonly spec: CommandSpec
  readonly decode: Decode
  /** Whether sending it twice does no harm. */
  readonly replayable: boolean
  readonly ledger: Ledger
  readonly issued: number
  readonly deadline: number
  stage: Stage = QUEUED
  keeper: Keeper
  /** Position in the order of issue within its lane. */
  sequence = 0
  /** How often it was given back to be sent again. */
  attempts = 0
  /** Whether it was written once and no reply came, so that it may have run. */
  exposed = false
  /** Told when it settles or is taken back, if somebody listens to the batch it was sent in. */
  onSettled: ((failure?: unknown) => void) | undefined = undefined
  /** The caller's own; its invocation may have another. */
  signal: AbortSignal | undefined = undefined
  /** The server's last refusal, or what happened to the connection last. */
  setback: Error | undefined = undefined

  constructor(call: Omit<Call, "args" | "transform">, terms: Terms, keeper: Keeper) {
    this.spec = call.spec
    this.decode = call.decode
    this.replayable = call.replayable
    this.ledger = terms.ledger
    this.issued = terms.issued
    this.deadline = terms.deadline
    this.keeper = keeper
    terms.ledger.add()
  }

  /** Rough size on the wire, bytes. */
  abstract get size(): number

  resolve(reply: T): void {
    const keeper = this.keeper
    if (!this.replayable) keeper.acknowledged = Math.max(keeper.acknowledged, this.sequence)
    if (keeper.attentive) keeper.attend()
    if (this.stage === SETTLED) return
    this.stage = SETTLED
    this.onSettled?.()
    this.fulfil(reply)
    // Last: the caller runs on before those who wait for everything to settle, and may issue more.
    this.ledger.done()
  }

  reject(error: Error): void {
    const keeper = this.keeper
    if (keeper.attentive) keeper.attend()
    if (this.stage === SETTLED) return
    const shown = this.withoutEcho(error)
    if (!keeper.takesBack(this, shown)) this.settle(shown)
  }

  lose(fate: Exclude<Fate, "refused">, cause: Error): void {
    if (this.stage !== SETTLED) this.keeper.lost(this, fate, cause)
  }

  /** Fails it now. `fate` counts where the error does not know it: an abort with the caller's own reason. */
  settle(error: unknown, fate?: Fate): void {
    if (this.stage === SETTLED) return
    this.stage = SETTLED
    this.onSettled?.(error)
    this.fail(error, fate)
    this.ledger.done()
  }

  /** The server's error, less what it shows of the caller's arguments. */
  protected abstract withoutEcho(error: Error): Error
  protected abstract fulfil(reply: T): void
  protected abstract fail(error: unknown, fate: Fate | undefined): void
}

/** Reply transform of a command; undefined for all but a few. */
export type Transform = ((reply: Reply) => unknown) | undefined

let capturedResolve: (value: unknown) => void
let capturedReject: (reason: unknown) => void
/** Shared by all commands, so that none makes a closure. */
function capture(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  capturedResolve = resolve
  capturedReject = reject
}

/** One command, whoever waits for its reply. */
abstract class Command extends Pending<Reply> implements Request {
  readonly args: readonly Arg[]
  protected readonly transform: Transform

  constructor(call: Call, terms: Terms, keeper: Keeper) {
    super(call, terms, keeper)
    this.args = call.args
    this.transform = call.transform
  }

  get size(): number {
    return sizeOf(this.args)
  }

  protected override withoutEcho(error: Error): Error {
    return withoutEcho(error, [this.args])
  }
}

/** A command of its own, with the caller's promise. */
export class Single extends Command {
  readonly promise: Promise<unknown>
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void

  constructor(call: Call, terms: Terms, keeper: Keeper) {
    super(call, terms, keeper)
    this.promise = new Promise(capture)
    this.#resolve = capturedResolve
    this.#reject = capturedReject
  }

  protected override fulfil(reply: Reply): void {
    this.#resolve(this.transform === undefined ? reply : this.transform(reply))
  }

  protected override fail(error: unknown, fate: Fate | undefined): void {
    noteFate(harmless(this.promise), error, fate)
    this.#reject(error)
  }
}

/** One command as its caller put it. */
export interface Call {
  readonly spec: CommandSpec
  readonly decode: Decode
  readonly replayable: boolean
  readonly args: readonly Arg[]
  readonly transform: Transform
}

/** Where the outcomes of a pipeline are collected. */
export interface Collector {
  collect(index: number, error: Error | null, value: unknown): void
  abandon(error: unknown, fate: Fate | undefined): void
}

/** One command of a pipeline. */
export class Slot extends Command {
  readonly #collector: Collector
  readonly #index: number

  constructor(call: Call, terms: Terms, place: { keeper: Keeper; collector: Collector; index: number }) {
    super(call, terms, place.keeper)
    this.#collector = place.collector
    this.#index = place.index
  }

  protected override fulfil(reply: Reply): void {
    this.#collector.collect(this.#index, null, this.transform === undefined ? reply : this.transform(reply))
  }

  protected override fail(error: unknown, fate: Fate | undefined): void {
    if (error instanceof Error && fate === undefined) this.#collector.collect(this.#index, error, undefined)
    else this.#collector.abandon(error, fate)
  }
}

/** Rough size of a command on the wire, bytes. */
export function sizeOf(args: readonly Arg[]): number {
  let size = 0
  for (const arg of args) size += arg.length
  return size
}
