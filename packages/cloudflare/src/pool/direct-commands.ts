import { makeMethods } from "@warmpool/core/commands"

/** The method that runs all commands. A symbol has no way through a binding: other Workers can't call it. */
export const RUN = Symbol("run")

interface Runner {
  [RUN](method: string, args: readonly unknown[]): Promise<unknown>
}

/** Every command as a method. */
// biome-ignore lint/complexity/useMaxParams: the signature of makeMethods.
export const directCommands = makeMethods((self, spec, decode, args) =>
  (self as Runner)[RUN](decode === "bytes" ? `${spec.name}Buffer` : spec.name, args),
)

const BY_NAME = ["call", "callBuffer"]

/** Whether a method of a client is a command, and not one of those that rule the client itself. */
export function isDirect(method: string): boolean {
  return BY_NAME.includes(method) || Object.hasOwn(directCommands, method)
}
