import type { Arg, Connection, Decode, Reply, Request } from "@warmpool/core"

/** What became of a request. */
export type Outcome =
  | { readonly reply: Reply }
  | { readonly error: Error }
  | { readonly fate: "unsent" | "unknown"; readonly cause: Error }

/** A request that remembers what became of it. */
export class Asked implements Request {
  readonly args: readonly Arg[]
  readonly decode: Decode
  readonly outcomes: Outcome[] = []
  readonly settled: Promise<Outcome>
  #settle: (outcome: Outcome) => void = () => {}

  constructor(args: readonly Arg[], decode: Decode = "text") {
    this.args = args
    this.decode = decode
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  resolve(reply: Reply): void {
    this.#note({ reply })
  }

  reject(error: Error): void {
    this.#note({ error })
  }

  lose(fate: "unsent" | "unknown", cause: Error): void {
    this.#note({ fate, cause })
  }

  #note(outcome: Outcome): void {
    this.outcomes.push(outcome)
    this.#settle(outcome)
  }
}

/** Sends one command by itself and gives its reply; throws what became of it else. */
export async function ask(connection: Connection, ...args: Arg[]): Promise<Reply> {
  const asked = new Asked(args)
  connection.send([asked])
  const outcome = await asked.settled
  if ("reply" in outcome) return outcome.reply
  throw "error" in outcome ? outcome.error : outcome.cause
}
