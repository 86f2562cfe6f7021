import { issueAtomic } from "./atomic.ts"
import { makeCall, SEND } from "./call.ts"
import { PipelineMethods } from "./command-methods.ts"
import { toArgs } from "./commands/arguments.ts"
import type { CommandSpec } from "./commands/table.ts"
import { ArgumentError, UnsupportedCommandError } from "./errors.ts"
import { issueAll, type Parts } from "./issue-all.ts"
import type { Call } from "./pending.ts"
import type { Multi, Outcome, Pipeline } from "./redis.ts"
import { rejected } from "./stray.ts"

/** What becomes of the commands that were collected. */
interface Destination<R> {
  readonly name: "pipeline" | "transaction"
  send(parts: Parts, calls: readonly Call[]): Promise<R>
}

/** Sends commands together, in order. Not atomic: other callers' commands may run in between. */
const PIPELINE: Destination<Outcome[]> = {
  name: "pipeline",
  send: (parts, calls) => issueAll(parts, calls, { toOutcome }),
}

/** Sends commands as one `MULTI … EXEC`: all or none, nothing of others in between. */
const TRANSACTION: Destination<Outcome[] | null> = {
  name: "transaction",
  send: (parts, calls) => issueAtomic(parts, calls, toOutcome),
}

/** Collects commands. */
class CommandPipeline<R> extends PipelineMethods {
  // Hard private: whoever prints a pipeline must not print keys and values.
  readonly #parts: Parts
  readonly #destination: Destination<R>
  readonly #calls: Call[] = []
  #executed = false

  constructor(parts: Parts, destination: Destination<R>) {
    super()
    this.#parts = parts
    this.#destination = destination
  }

  /** How many commands were collected. */
  get length(): number {
    return this.#calls.length
  }

  /** Adds a command. Throws UnsupportedCommandError for one that has no place here. */
  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): this {
    const { client } = this.#parts
    const call = makeCall(spec, decode, toArgs(spec, args, client.settings.keyPrefix))
    if (this.#executed) throw new ArgumentError("the pipeline was executed already: begin another")
    client.admit(call, this.#destination.name)
    this.#calls.push(call)
    return this
  }

  /**
   * A pipeline's rejects only with an abort's reason: each command's error is in its own outcome. Arguments other than
   * callbacks are nothing to us, as they are to ioredis: rate-limiter-flexible calls `exec(true)`.
   */
  exec(...given: unknown[]): Promise<R> {
    if (given.some((argument) => typeof argument === "function"))
      return rejected(
        new ArgumentError("exec takes no argument: callbacks are not supported, await the promise"),
      )
    if (this.#executed) return rejected(new ArgumentError("exec was called already: begin another pipeline"))
    this.#executed = true
    return this.#destination.send(this.#parts, this.#calls)
  }
}

/** A pipeline over a client or a lease. */
export function makePipeline(parts: Parts, commands: unknown): Pipeline {
  return addAll(new CommandPipeline(parts, PIPELINE), commands)
}

/** A transaction over a client or a lease. */
export function makeMulti(parts: Parts, commands: unknown): Multi {
  return addAll(new CommandPipeline(parts, TRANSACTION), commands)
}

/** Adds commands given as `[name, ...args]`: each by the method of that name, or by `call` where there is none. */
function addAll<P extends CommandPipeline<unknown>>(pipeline: P, commands: unknown = []): P {
  if (!Array.isArray(commands))
    throw new UnsupportedCommandError("pipeline and multi take an array of [name, ...args], or nothing")
  for (const command of commands) {
    if (!Array.isArray(command))
      throw new ArgumentError("each command of a pipeline is an array: [name, ...args]")
    const [name, ...args] = command
    const method: unknown = isMethod(name) ? Reflect.get(pipeline, name) : undefined
    if (typeof method === "function") Reflect.apply(method, pipeline, args)
    else pipeline.call(name, ...args)
  }
  return pipeline
}

function isMethod(name: unknown): name is string {
  return typeof name === "string" && Object.hasOwn(PipelineMethods.prototype, name)
}

function toOutcome(error: Error | null, reply: unknown): Outcome {
  return [error, reply]
}
