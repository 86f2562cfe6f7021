import type { Owed, Request } from "../transport.ts"
import { encodedLength } from "./encoder.ts"
import { TransactionInFlight } from "./transaction-in-flight.ts"

/** What waits for a reply. */
export type Entry = Request | TransactionInFlight

const MULTI_EXEC = encodedLength(["MULTI"]) + encodedLength(["EXEC"])
/** Settled places at the front of the list before it is cut. */
const SLACK = 1_024

/** Requests without a reply, oldest first: an array with a moving head. */
export class Flight {
  #entries: (Entry | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#entries.length - this.#head
  }

  /** The one whose reply is next. */
  get first(): Entry | undefined {
    return this.#entries[this.#head]
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  shift(): void {
    const entries = this.#entries
    entries[this.#head] = undefined
    this.#head += 1
    if (this.#head === entries.length) {
      entries.length = 0
      this.#head = 0
    } else if (this.#head > SLACK && this.#head * 2 > entries.length) {
      entries.splice(0, this.#head)
      this.#head = 0
    }
  }

  /** Walks what is in flight; the walk may end the connection. */
  each(visit: (owed: Owed<unknown>) => void): void {
    for (const entry of this.#entries.slice(this.#head)) {
      if (entry instanceof TransactionInFlight) visit(entry.transaction)
      else if (entry) visit(entry)
    }
  }

  /** Gives what is in flight, oldest first, and keeps nothing. */
  takeAll(): Entry[] {
    const all = this.#entries.slice(this.#head).filter((entry) => entry !== undefined)
    this.#entries = []
    this.#head = 0
    return all
  }

  /** Loses everything, oldest first. The last `untouched` bytes never left: what lies wholly in them is unsent. */
  lose(untouched: number, cause: Error): void {
    const lost = this.takeAll()
    let sent = lost.length
    // Lengths are only known by encoding again; nothing is paid for them until a connection is lost.
    for (let left = untouched; left > 0 && sent > 0; sent--) {
      left -= lengthOf(lost[sent - 1])
      if (left < 0) break
    }
    for (const [index, entry] of lost.entries()) entry.lose(index < sent ? "unknown" : "unsent", cause)
  }
}

function lengthOf(entry: Entry | undefined): number {
  if (entry === undefined) return 0
  if (!(entry instanceof TransactionInFlight)) return encodedLength(entry.args)
  return entry.transaction.commands.reduce((length, args) => length + encodedLength(args), MULTI_EXEC)
}
