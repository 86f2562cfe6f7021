import { ConnectionError } from "../errors.ts"
import type { FakeHost } from "./fake-host.ts"
import type { WireReply } from "./fake-reply.ts"

/** What befalls the nth reply, counted from when the test asked for it. */
export interface Mishap {
  /** Bytes of the reply that still arrive; `Infinity` for all of it. */
  readonly bytes: number
  /** What becomes of the connection then. */
  readonly ending: "cut" | "silence"
}

/** What the test has asked of the fake server; shared by all connections of a transport. */
export class FakeScript {
  readonly host: FakeHost
  held = false
  latencyMs = 0
  /** In how many pieces, and how far apart, the next replies arrive: one entry per reply. */
  readonly trickles: { readonly pieces: number; readonly everyMs: number }[] = []
  readonly #answers: WireReply[] = []
  readonly #mishaps = new Map<number, Mishap>()
  #replies = 0

  constructor(host: FakeHost) {
    this.host = host
  }

  answerNext(reply: WireReply): void {
    this.#answers.push(reply)
  }

  /** The scripted answer to the next command, which then does not run. */
  nextAnswer(): WireReply | undefined {
    return this.#answers.shift()
  }

  /** @param nth - 1 is the next reply of any connection. */
  plan(nth: number, mishap: Mishap): void {
    this.#mishaps.set(this.#replies + nth, mishap)
  }

  /** Counts one reply and tells what befalls it. */
  nextMishap(): Mishap | undefined {
    this.#replies++
    return this.#mishaps.get(this.#replies)
  }
}

export function lost(why: string): ConnectionError {
  return new ConnectionError(`the connection was lost: ${why}`)
}
