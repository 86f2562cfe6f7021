import type { Arg, Connection, Decode, Reply, Request, Transaction } from "@warmpool/core"

/** What became of a request. */
export type Outcome =
  | { readonly reply: Reply }
  | { readonly error: Error }
  | { readonly fate: "unsent" | "unknown"; readonly cause: Error }

type Settle = (outcome: Outcome) => void

const owed = (decode: Decode, settle: Settle) => ({
  decode,
  resolve: (reply: Reply) => settle({ reply }),
  reject: (error: Error) => settle({ error }),
  lose: (fate: "unsent" | "unknown", cause: Error) => settle({ fate, cause }),
})

/** A request, and what will have become of it. */
export function request(args: readonly Arg[], decode: Decode = "text"): [Request, Promise<Outcome>] {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  return [{ args, ...owed(decode, resolve) }, promise]
}

/** A transaction, and what will have become of it. */
export function transaction(
  commands: readonly (readonly Arg[])[],
  decode: Decode = "text",
): [Transaction, Promise<Outcome>] {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  return [{ commands, ...owed(decode, resolve) }, promise]
}

/** Sends one command by itself. */
export function ask(connection: Connection, ...args: Arg[]): Promise<Outcome> {
  const [asked, outcome] = request(args)
  connection.send([asked])
  return outcome
}
