import { ConnectionError, type Reply, type Request } from "@warmpool/core"
import { callError } from "./call-error.ts"
import type { Kind, Listening } from "./service.ts"
import { isWireError, unpackError, type WireError } from "./wire.ts"

/** What the server calls a message, by the first letter of the command. */
const CALLED = { "": "message", p: "pmessage", s: "smessage" } as const

/** A line of a subscription: `[]` once it stands, then `[channel, message, pattern?]`; or why it does not stand. */
export type Line = readonly string[] | WireError

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
  #reader: ReadableStreamDefaultReader<string> | undefined
  #isOver = false

  constructor(kind: Kind, requests: readonly Request[], events: MessageEvents) {
    this.#kind = kind
    this.#requests = requests
    this.#events = events
    this.#names = new Set(requests.map(nameOf))
  }

  /** Reads until the pool, or `leave`, ends it. */
  async listen(open: (listening: Listening) => Promise<ReadableStream<Uint8Array>>): Promise<void> {
    const end = await this.#read(open).catch((error: unknown) =>
      callError("the subscription was lost", error),
    )
    if (this.#isOver) return
    this.#isOver = true
    for (const request of this.#requests) request.lose("unknown", end)
    this.#events.onEnd(end)
  }

  /** Leaves one channel; without any it ends. Of another subscription's channel it knows nothing. */
  leave(kind: Kind, name: string): void {
    if (kind === this.#kind && this.#names.delete(name) && this.#names.size === 0) this.end()
  }

  end(): void {
    this.#isOver = true
    this.#reader?.cancel().catch(() => undefined)
  }

  async #read(open: (listening: Listening) => Promise<ReadableStream<Uint8Array>>): Promise<Error> {
    const stream = await open({ kind: this.#kind, names: [...this.#names] })
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader()
    if (this.#isOver) this.end()
    let rest = ""
    for (;;) {
      const { done, value } = await this.#reader.read()
      if (done) return new ConnectionError("the pool ended the subscription")
      const lines = `${rest}${value}`.split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) this.#take(JSON.parse(line))
    }
  }

  #take(line: Line): void {
    if (isWireError(line)) {
      for (const request of this.#requests) request.reject(unpackError(line))
      this.end()
      return
    }
    const [channel, message, pattern] = line
    if (channel === undefined || message === undefined) {
      for (const request of this.#requests) request.resolve(null)
    } else {
      this.#events.onPush([CALLED[this.#kind], ...(pattern === undefined ? [] : [pattern]), channel, message])
    }
  }
}

/** The name in a command that subscribes or unsubscribes. */
export function nameOf({ args }: Request): string {
  const name = args[1] ?? ""
  return typeof name === "string" ? name : new TextDecoder().decode(name)
}
