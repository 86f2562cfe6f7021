import { SEND } from "./call.ts"
import { PipelineMethods } from "./command-methods.ts"
import type { CommandSpec } from "./commands/table.ts"
import { ArgumentError } from "./errors.ts"
import { issueAll, issueAtomic, type Parts, type ToOutcome } from "./issue-all.ts"
import type { Call } from "./pending.ts"
import type { Multi, Outcome, Pipeline } from "./redis.ts"
import { rejected } from "./stray.ts"

/** Sends the commands that were collected. */
type Issue<R> = (parts: Parts, calls: readonly Call[], toOutcome: ToOutcome<Outcome>) => Promise<R>

const EXECUTED = "exec was called already: begin another pipeline"

/** Collects commands. */
class CommandPipeline<R> extends PipelineMethods {
  // Hard private: whoever prints a pipeline must not print keys and values.
  readonly #parts: Parts
  readonly #issue: Issue<R>
  readonly #calls: Call[] = []
  #executed = false

  constructor(parts: Parts, issue: Issue<R>) {
    super()
    this.#parts = parts
    this.#issue = issue
  }

  /** How many commands were collected. */
  get length(): number {
    return this.#calls.length
  }

  /** Adds a command. Throws UnsupportedCommandError for one that has no place here. */
  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): this {
    const { client } = this.#parts
    const call = client.callOf(spec, decode, args)
    if (this.#executed) throw new ArgumentError(EXECUTED)
    client.admit(call, this.#issue === issueAll ? "pipeline" : "transaction")
    this.#calls.push(call)
    return this
  }

  /**
   * A pipeline's rejects only with an abort's reason: each command's error is in its own outcome. Arguments other than
   * callbacks are nothing to us, as they are to ioredis: rate-limiter-flexible calls `exec(true)`.
   */
  exec(...given: unknown[]): Promise<R> {
    if (given.some((argument) => typeof argument === "function"))
      return rejected(new ArgumentError("exec: callbacks are not supported, await the promise"))
    if (this.#executed) return rejected(new ArgumentError(EXECUTED))
    this.#executed = true
    return this.#issue(this.#parts, this.#calls, (error, reply) => [error, reply])
  }
}

/** Sends commands together, in order. Not atomic: other callers' commands may run in between. */
export function makePipeline(parts: Parts, commands: unknown): Pipeline {
  return addAll(new CommandPipeline<Outcome[]>(parts, issueAll), commands)
}

/** Sends commands as one `MULTI … EXEC`: all or none, nothing of others in between. */
export function makeMulti(parts: Parts, commands: unknown): Multi {
  return addAll(new CommandPipeline<Outcome[] | null>(parts, issueAtomic), commands)
}

/** Adds commands given as `[name, ...args]`: each by the method of that name, or by `call` where there is none. */
function addAll<P extends CommandPipeline<unknown>>(pipeline: P, commands: unknown = []): P {
  if (!Array.isArray(commands) || !commands.every(Array.isArray))
    throw new ArgumentError("pipeline and multi take an array of [name, ...args], or nothing")
  for (const [name, ...args] of commands) {
    if (Object.hasOwn(PipelineMethods.prototype, name))
      Reflect.apply(Reflect.get(pipeline, name), pipeline, args)
    else pipeline.call(name, ...args)
  }
  return pipeline
}
