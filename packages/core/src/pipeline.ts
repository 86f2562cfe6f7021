import { Atomic } from "./atomic.ts"
import { type MakeCall, SEND } from "./call.ts"
import type { Client, How } from "./client.ts"
import { PipelineMethods } from "./command-methods.ts"
import { specOf } from "./commands/table.ts"
import { ArgumentError, type Fate, UnsupportedCommandError } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { Lane } from "./lane.ts"
import { type Call, type Collector, Slot } from "./pending.ts"
import type { Multi, Outcome, Pipeline } from "./redis.ts"
import { blockingError, kindOf, statefulError } from "./refusals.ts"
import { harmless } from "./stray.ts"

/** Where a pipeline goes, and on whose terms. */
export interface PipelineParts {
  readonly client: Client
  readonly lane: Lane
  readonly how: How | undefined
}

/** Collects commands; what becomes of them is the subclass's. */
abstract class CommandCollection extends PipelineMethods {
  // Hard private: whoever prints a pipeline must not print keys and values.
  readonly #parts: PipelineParts
  readonly #calls: Call[] = []
  #executed = false

  constructor(parts: PipelineParts) {
    super()
    this.#parts = parts
  }

  protected get parts(): PipelineParts {
    return this.#parts
  }

  protected get calls(): readonly Call[] {
    return this.#calls
  }

  /** How many commands were collected. */
  get length(): number {
    return this.#calls.length
  }

  /** Adds a command. */
  [SEND](makeCall: MakeCall): this {
    const call = makeCall(this.#parts.client.settings.keyPrefix)
    if (this.#executed) throw new ArgumentError("the pipeline was executed already: begin another")
    this.admit(call)
    this.#calls.push(call)
    return this
  }

  /** Ends the collection. Gives the error of a callback, and of a second time. */
  protected begin(given: readonly unknown[]): Promise<never> | undefined {
    if (given.length > 0) {
      return harmless(
        Promise.reject(
          new ArgumentError("exec takes no argument: callbacks are not supported, await the promise"),
        ),
      )
    }
    if (this.#executed) {
      return harmless(Promise.reject(new ArgumentError("exec was called already: begin another pipeline")))
    }
    this.#executed = true
    return undefined
  }

  /** @throws UnsupportedCommandError for a command that has no place here. */
  protected abstract admit(call: Call): void
}

/** Sends commands together, in order. Not atomic: other callers' commands may run in between. */
export class CommandPipeline extends CommandCollection implements Pipeline {
  /** Rejects only with an abort's reason: each command's error is in its own outcome. */
  exec(...given: unknown[]): Promise<Outcome[]> {
    const mistake = this.begin(given)
    if (mistake) return mistake
    const { calls, parts } = this
    if (calls.length === 0) return Promise.resolve([])
    const { promise, collector } = collect(calls.length)
    const terms = parts.client.terms(parts.how)
    const slots = calls.map((call, index) => new Slot(call, terms, { keeper: parts.lane, collector, index }))
    for (const slot of slots) parts.client.enlist(parts.lane, slot, parts.how)
    return promise
  }

  protected override admit(call: Call): void {
    const kind = kindOf(call)
    if (kind === "blocking") throw blockingError(call)
    if (kind === "stateful") throw statefulError(call)
  }
}

/** Sends commands as one `MULTI … EXEC`: all or none, nothing of others in between. */
export class CommandTransaction extends CommandCollection implements Multi {
  exec(...given: unknown[]): Promise<Outcome[] | null> {
    const mistake = this.begin(given)
    if (mistake) return mistake
    const { client, lane, how } = this.parts
    const refusal = client.cluster?.refusalOf(this.calls.map(({ args }) => args))
    if (refusal) return harmless(Promise.reject(refusal))
    const atomic = new Atomic(this.calls, specOf("multi"), { terms: client.terms(how), keeper: lane })
    client.enlist(lane, atomic, how)
    return atomic.promise
  }

  protected override admit(call: Call): void {
    if (kindOf(call) === "stateful") throw statefulError(call)
  }
}

/** Adds commands given as `[name, ...args]`: each by the method of that name, or by `call` where there is none. */
export function addAll<P extends CommandCollection>(
  pipeline: P,
  commands: readonly (readonly unknown[])[] | undefined,
): P {
  if (commands === undefined) return pipeline
  if (!Array.isArray(commands))
    throw new UnsupportedCommandError("pipeline and multi take an array of [name, ...args], or nothing")
  for (const command of commands) {
    if (!Array.isArray(command))
      throw new ArgumentError("each command of a pipeline is an array: [name, ...args]")
    const [name, ...args] = command
    const method: unknown = isMethod(name) ? Reflect.get(pipeline, name) : undefined
    if (typeof method === "function") Reflect.apply(method, pipeline, args)
    else pipeline.call(String(name), ...args)
  }
  return pipeline
}

function isMethod(name: unknown): name is string {
  return typeof name === "string" && Object.hasOwn(PipelineMethods.prototype, name)
}

/** A promise of all outcomes, and what the commands report to. */
function collect(count: number): { promise: Promise<Outcome[]>; collector: Collector } {
  const outcomes: Outcome[] = new Array(count)
  const { promise, resolve, reject } = Promise.withResolvers<Outcome[]>()
  let left = count
  let mayHaveRun = false
  const collector: Collector = {
    collect(index, error, value) {
      outcomes[index] = [error, value]
      left -= 1
      if (left === 0) resolve(outcomes)
    },
    abandon(error: unknown, fate: Fate | undefined) {
      // Where one command ran, or may have, the fate of the whole is unknown.
      mayHaveRun ||= fate === "unknown" || left < count
      noteFate(harmless(promise), error, mayHaveRun ? "unknown" : fate)
      reject(error)
    },
  }
  return { promise, collector }
}
