import { toObject } from "./commands/replies.ts"
import { type CommandSpec, OBJECT_REPLY, PAIRS, READ, specOf } from "./commands/table.ts"
import type { Call } from "./pending.ts"
import type { Arg } from "./transport.ts"

/** Takes the calls of the methods of a client, a lease or a pipeline; what comes of them is theirs. */
export const SEND = Symbol("send")

/** Something that takes the calls of command methods. */
export interface Sender {
  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): unknown
}

/** The call of a method, its arguments as they go on the wire. */
export function makeCall(spec: CommandSpec, decode: "text" | "bytes", args: readonly Arg[]): Call {
  const transform = (spec.flags & OBJECT_REPLY) === 0 ? undefined : toObject
  return { spec, decode, args, transform, replayable: (spec.flags & READ) !== 0 }
}

/** A command that is given by name: no object stands for pairs, and the reply is handed over as it came. */
export function bareSpec(name: unknown): CommandSpec {
  const spec = specOf(typeof name === "string" ? name : "")
  return { ...spec, flags: spec.flags & ~(PAIRS | OBJECT_REPLY) }
}
