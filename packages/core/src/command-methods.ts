import { bareSpec, SEND, type Sender } from "./call.ts"
import { makeMethods } from "./commands/methods.ts"
import type { BlockingCommands, PortableCommands, StatefulCommands } from "./commands/types.ts"

type Base<T> = abstract new () => T

function CommandMethods(): void {}
// biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
CommandMethods.prototype = makeMethods((self, spec, decode, args) =>
  (self as Sender)[SEND](spec, decode, args),
)
Object.assign(CommandMethods.prototype, {
  /** Any command by name; its arguments and reply are not transformed. */
  call(this: Sender, name: string, ...args: unknown[]): unknown {
    return this[SEND](bareSpec(name), "text", args)
  },
  /** `call` with strings as bytes. */
  callBuffer(this: Sender, name: string, ...args: unknown[]): unknown {
    return this[SEND](bareSpec(name), "bytes", args)
  },
})

// One prototype serves all: what a command gives depends only on who takes the call.
const base: unknown = CommandMethods

/** Base of a client: every command that can be sent without a lease of the caller's own. */
export const RedisMethods = base as Base<PortableCommands<"promise"> & BlockingCommands<"promise">>
/** Base of a lease: every command. */
export const LeaseMethods = base as Base<
  PortableCommands<"promise"> & BlockingCommands<"promise"> & StatefulCommands<"promise">
>
/** Base of a pipeline: every command that neither blocks nor changes the connection. */
export const PipelineMethods = base as Base<PortableCommands<"pipeline">>
