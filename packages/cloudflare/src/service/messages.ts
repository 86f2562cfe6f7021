import { ConnectionError, type Reply, type Request } from "@warmpool/core"
import { callError } from "./call-error.ts"
import { letGo } from "./let-go.ts"
import type { Heard, Kind, Listening } from "./service.ts"
import { unpackError } from "./wire.ts"

/** What the server calls a message, by the first letter of the command. */
const CALLED = { "": "message", p: "pmessage", s: "smessage" } as const

/** A line of a subscription: `[channel, message]`, or `[channel, message, pattern]`. */
export type Line = readonly string[]

/** What becomes of a subscription that the pool holds. */
export interface MessageEvents {
  onPush(push: readonly Reply[]): void
  onEnd(reason: Error): void
}

/** Subscribing as a client asks for it: one command for each name, sent together. */
export class Messages {
  readonly #kind: Kind
  readonly #requests: readonly Request[]
  readonly #events: MessageEvents
  readonly #names: Set<string>
  #heard: Heard | undefined
  #stands = false
  #isOver = false

  constructor(kind: Kind, requests: readonly Request[], events: MessageEvents) {
    this.#kind = kind
    this.#requests = requests
    this.#events = events
    this.#names = new Set(requests.map(nameOf))
  }

  /** Listens until the pool, or `leave`, ends it. */
  async listen(hear: (listening: Listening) => Promise<Heard>): Promise<void> {
    const end = await this.#hear(hear).catch((error: unknown) => callError(error))
    if (this.#isOver) return
    this.end()
    if (!this.#stands) for (const request of this.#requests) request.lose("unknown", end)
    this.#events.onEnd(end)
  }

  /** Leaves one channel; without any it ends. Of another subscription's channel it knows nothing. */
  leave(kind: Kind, name: string): void {
    if (kind === this.#kind && this.#names.delete(name) && this.#names.size === 0) this.end()
  }

  end(): void {
    this.#isOver = true
    if (this.#heard) letGo(this.#heard)
  }

  async #hear(hear: (listening: Listening) => Promise<Heard>): Promise<Error> {
    const heard = await hear({ kind: this.#kind, names: [...this.#names] })
    if ("refused" in heard) {
      for (const request of this.#requests) request.reject(unpackError(heard.refused))
      this.#isOver = true
      return unpackError(heard.refused)
    }
    this.#heard = heard
    if (this.#isOver) this.end()
    this.#stands = true
    for (const request of this.#requests) request.resolve(null)
    return this.#read(heard.lines)
  }

  async #read(lines: ReadableStream<Uint8Array>): Promise<Error> {
    // The types of Workers and of browsers differ in what it takes; both take bytes.
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>
    const reader = lines.pipeThrough(decoder).getReader()
    let rest = ""
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return new ConnectionError("the pool ended the subscription")
      const whole = `${rest}${value}`.split("\n")
      rest = whole.pop() ?? ""
      for (const line of whole) this.#take(JSON.parse(line))
    }
  }

  #take([channel = "", message = "", pattern]: Line): void {
    this.#events.onPush([CALLED[this.#kind], ...(pattern === undefined ? [] : [pattern]), channel, message])
  }
}

/** The name in a command that subscribes or unsubscribes. */
export function nameOf({ args }: Request): string {
  const name = args[1] ?? ""
  return typeof name === "string" ? name : new TextDecoder().decode(name)
}
