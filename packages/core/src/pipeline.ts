import { Atomic } from "./atomic.ts"
import { type MakeCall, SEND } from "./call.ts"
import { PipelineMethods } from "./command-methods.ts"
import { ArgumentError, UnsupportedCommandError } from "./errors.ts"
import { issueAll, type Parts } from "./issue-all.ts"
import type { Call } from "./pending.ts"
import type { Multi, Outcome, Pipeline } from "./redis.ts"
import { harmless } from "./stray.ts"

/** Collects commands; what becomes of them is the subclass's. */
abstract class CommandCollection extends PipelineMethods {
  // Hard private: whoever prints a pipeline must not print keys and values.
  readonly #parts: Parts
  readonly #calls: Call[] = []
  #executed = false

  constructor(parts: Parts) {
    super()
    this.#parts = parts
  }

  protected get parts(): Parts {
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

  /**
   * Ends the collection. Gives the error of a callback, and of a second time. Other arguments are nothing to us, as they
   * are to ioredis: rate-limiter-flexible calls `exec(true)`.
   */
  protected begin(given: readonly unknown[]): Promise<never> | undefined {
    if (given.some((argument) => typeof argument === "function")) {
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
    return issueAll(parts, calls, { toOutcome })
  }

  protected override admit(call: Call): void {
    this.parts.client.admit(call, "pipeline")
  }
}

/** Sends commands as one `MULTI … EXEC`: all or none, nothing of others in between. */
export class CommandTransaction extends CommandCollection implements Multi {
  exec(...given: unknown[]): Promise<Outcome[] | null> {
    const mistake = this.begin(given)
    if (mistake) return mistake
    const { client, lane, how } = this.parts
    const refusal = lane.refusalOf(this.calls.map(({ args }) => args))
    if (refusal) return harmless(Promise.reject(refusal))
    const atomic = new Atomic(this.calls, { terms: client.terms(how), keeper: lane, toOutcome })
    client.enlist(lane, atomic, how)
    return atomic.promise
  }

  protected override admit(call: Call): void {
    this.parts.client.admit(call, "transaction")
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

function toOutcome(error: Error | null, reply: unknown): Outcome {
  return [error, reply]
}
