import { toArgs } from "./commands/arguments.ts"
import { toObject } from "./commands/replies.ts"
import { isRead } from "./commands/subcommands.ts"
import { type CommandSpec, OBJECT_REPLY, PAIRS, specOf } from "./commands/table.ts"
import { ArgumentError } from "./errors.ts"
import type { Call } from "./pending.ts"

/** Takes the call of a method of a client, a lease or a pipeline; what comes of it is theirs. */
export const SEND = Symbol("send")

/** Makes the call; its keys begin with the client's prefix. Throws ArgumentError. */
export type MakeCall = (prefix: string) => Call

/** A method call, its arguments flat and its keys prefixed. Throws ArgumentError. */
export function methodCall(
  spec: CommandSpec,
  decode: "text" | "bytes",
  given: { args: unknown[]; prefix: string },
): Call {
  const args = toArgs(spec, given.args, given.prefix)
  const transform = (spec.flags & OBJECT_REPLY) === 0 ? undefined : toObject
  return { spec, decode, args, transform, replayable: isRead(spec, args) }
}

/** The same for `call(name, …)`: no object stands for pairs, and the reply is handed over as it came. */
export function namedCall(
  name: string,
  decode: "text" | "bytes",
  given: { args: unknown[]; prefix: string },
): Call {
  if (typeof name !== "string" || name === "") {
    throw new ArgumentError("call: the first argument is the command's name, a string", { fate: "unsent" })
  }
  const spec = specOf(name)
  return methodCall({ ...spec, flags: spec.flags & ~(PAIRS | OBJECT_REPLY) }, decode, given)
}
