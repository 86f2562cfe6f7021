import type { AbortGroup } from "./aborts.ts"
import type { CommandSpec } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { Ledger } from "./ledger.ts"
import { harmless } from "./stray.ts"
import type { Arg, Decode, Owed, Reply, Request, Transaction } from "./transport.ts"

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

/** Reply transform of a command; undefined for all but a few. */
export type Transform = ((reply: Reply) => unknown) | undefined

/** What holds of a command and of a transaction alike. */
interface Asked {
  readonly spec: CommandSpec
  readonly decode: Decode
  readonly replayable: boolean
  readonly transform: Transform
}

/** One command as its caller put it. */
export interface Call extends Asked {
  readonly args: readonly Arg[]
}

/** A place among the outcomes of a pipeline. */
export interface Place {
  readonly index: number
  readonly collector: Collector
}

/** Where the outcomes of a pipeline are collected. */
export interface Collector {
  readonly promise: Promise<unknown>
  collect(index: number, error: Error | null, value: unknown): void
  fail(index: number, error: unknown, fate: Fate | undefined): void
}

let capturedResolve: (value: unknown) => void
let capturedReject: (reason: unknown) => void
/** Shared by all commands, so that none makes a closure. */
function capture(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  capturedResolve = resolve
  capturedReject = reject
}

/**
 * One command (or transaction) between the caller and its reply. It settles once; what arrives later is dropped.
 * Source of the rules: design, fate and retry.
 */
export abstract class Pending implements Owed<Reply> {
  readonly spec: CommandSpec
  readonly decode: Decode
  /** Whether sending it twice does no harm. */
  readonly replayable: boolean
  readonly ledger: Ledger
  readonly issued: number
  readonly deadline: number
  /** The caller's own, or that of the whole pipeline. */
  readonly promise: Promise<unknown>
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
  /** With whom it fails when a signal aborts: the caller's own, and that of its invocation. */
  groups: readonly AbortGroup[] | undefined = undefined
  /** The server's last refusal, or what happened to the connection last. */
  setback: Error | undefined = undefined
  readonly #transform: Transform
  readonly #place: Place | undefined
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void

  // biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
  constructor(asked: Asked, terms: Terms, keeper: Keeper, place?: Place) {
    this.spec = asked.spec
    this.decode = asked.decode
    this.replayable = asked.replayable
    this.ledger = terms.ledger
    this.issued = terms.issued
    this.deadline = terms.deadline
    this.keeper = keeper
    this.#transform = asked.transform
    this.#place = place
    this.promise = place ? place.collector.promise : new Promise(capture)
    // Of the command before it where it has a place: never called then.
    this.#resolve = capturedResolve
    this.#reject = capturedReject
    terms.ledger.add()
  }

  /** What goes out: one command, or those of a transaction. */
  abstract get lines(): readonly (readonly Arg[])[]

  /** Rough size on the wire, bytes. */
  get size(): number {
    let size = 0
    for (const args of this.lines) for (const arg of args) size += arg.length
    return size
  }

  resolve(reply: Reply): void {
    const keeper = this.keeper
    if (!this.replayable) keeper.acknowledged = Math.max(keeper.acknowledged, this.sequence)
    if (keeper.attentive) keeper.attend()
    if (this.stage === SETTLED) return
    this.#leave()
    const value = this.#transform === undefined ? reply : this.#transform(reply)
    if (this.#place) this.#place.collector.collect(this.#place.index, null, value)
    else this.#resolve(value)
    // Last: the caller runs on before those who wait for everything to settle, and may issue more.
    this.ledger.done()
  }

  reject(error: Error): void {
    const keeper = this.keeper
    if (keeper.attentive) keeper.attend()
    if (this.stage === SETTLED) return
    const shown = withoutEcho(error, this.lines)
    if (!keeper.takesBack(this, shown)) this.settle(shown)
  }

  lose(fate: Exclude<Fate, "refused">, cause: Error): void {
    if (this.stage !== SETTLED) this.keeper.lost(this, fate, cause)
  }

  /** Puts it back where it waits to be sent again. */
  requeue(setback: Error): void {
    this.stage = QUEUED
    this.attempts += 1
    this.onSettled?.(setback)
    this.onSettled = undefined
    this.setback = setback
  }

  /** Fails it now. `fate` counts where the error does not know it: an abort with the caller's own reason. */
  settle(error: unknown, fate?: Fate): void {
    if (this.stage === SETTLED) return
    this.#leave(error)
    if (this.#place) {
      this.#place.collector.fail(this.#place.index, error, fate)
    } else {
      noteFate(harmless(this.promise), error, fate)
      this.#reject(error)
    }
    this.ledger.done()
  }

  #leave(failure?: unknown): void {
    this.stage = SETTLED
    if (this.groups !== undefined) for (const group of this.groups) group.leave(this)
    this.onSettled?.(failure)
  }
}

/** One command, with a promise of its own unless it has a place in a pipeline. */
export class Command extends Pending implements Request {
  readonly args: readonly Arg[]

  // biome-ignore lint/complexity/useMaxParams: the same
  constructor(call: Call, terms: Terms, keeper: Keeper, place?: Place) {
    super(call, terms, keeper, place)
    this.args = call.args
  }

  get lines(): readonly (readonly Arg[])[] {
    return [this.args]
  }
}

/** A transaction: sent whole or not at all, never replayed once any of it was written. */
export class Atomic extends Pending implements Transaction {
  readonly commands: readonly (readonly Arg[])[]

  constructor(asked: Asked & Pick<Transaction, "commands">, terms: Terms, keeper: Keeper) {
    super(asked, terms, keeper)
    this.commands = asked.commands
  }

  get lines(): readonly (readonly Arg[])[] {
    return this.commands
  }
}
