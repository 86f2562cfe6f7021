import { ConnectionError, type ReplyError } from "../errors.ts"
import type { Connection, Owed, Reply, Request, Transaction } from "../transport.ts"
import type { ByteStream, Codec, StreamEvents } from "./byte-stream.ts"
import { Flight, type Entry as InFlight } from "./flight.ts"
import { Outbox } from "./outbox.ts"
import { Parser } from "./parser.ts"
import type { Receiver, Wanted } from "./receiver.ts"
import { TransactionInFlight } from "./transaction-in-flight.ts"

/** What a server says at the door, before it reads anything. */
const TURNED_AWAY = /^(?:ERR max number of clients|DENIED)\b/

/** Letters of `sunsubscribe`. */
const LONGEST_WORD = 12

/** RESP over one byte stream. Its fates are exact: `unsent` never left this process. */
export class RespConnection implements Connection, StreamEvents, Receiver {
  received = 0
  lastByteAt = Date.now()
  readonly #stream: ByteStream
  readonly #outbox: Outbox
  readonly #parser: Parser
  readonly #flight = new Flight()
  #state: "open" | "draining" | "closed" = "open"
  #reason: Error = new ConnectionError("the connection was closed", { fate: "unsent" })
  readonly #writableListeners: (() => void)[] = []
  readonly #closeListeners: ((reason: Error) => void)[] = []
  readonly #gone = Promise.withResolvers<void>()
  #answered = false
  #push: ((push: readonly Reply[]) => void) | undefined

  constructor(stream: ByteStream, codec: Codec) {
    this.#stream = stream
    this.#outbox = new Outbox(stream, codec)
    this.#parser = new Parser(this, codec)
  }

  get owed(): number {
    return this.#flight.size
  }

  get backlog(): number {
    return this.#outbox.backlog
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    this.#flight.each(visit)
  }

  send(batch: readonly (Request | Transaction)[]): void {
    if (this.#stream.isBroken) this.onEnd()
    if (this.#state !== "open") {
      for (const job of batch) job.lose("unsent", this.#reason)
      return
    }
    for (const job of batch) {
      if ("args" in job) {
        this.#outbox.add(job.args)
        this.#flight.push(job)
      } else {
        this.#outbox.addTransaction(job.commands)
        this.#flight.push(new TransactionInFlight(job))
      }
    }
    this.#outbox.flush()
  }

  onWritable(listener: () => void): void {
    this.#writableListeners.push(listener)
  }

  onPush(listener: (push: readonly Reply[]) => void): void {
    this.#push = listener
  }

  onClose(listener: (reason: Error) => void): void {
    if (this.#state === "closed") listener(this.#reason)
    else this.#closeListeners.push(listener)
  }

  close(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "draining"
      this.#closeWhenDone()
    }
    return this.#gone.promise
  }

  destroy(reason: Error): void {
    if (this.#state === "closed") return
    // First of all: a write that fails now must not look like one that the kernel took.
    this.#state = "closed"
    this.#stream.reset()
    this.#end(reason)
  }

  // What the stream tells

  onBytes(chunk: Uint8Array): void {
    if (this.#state === "closed") return
    this.received += chunk.length
    this.lastByteAt = Date.now()
    try {
      this.#parser.push(chunk)
    } catch (error) {
      // Also where a reply's callback ended the connection: the parser stops at the next reply.
      this.destroy(
        error instanceof ConnectionError
          ? error
          : new ConnectionError("a reply can't be read", { cause: error }),
      )
    }
  }

  onTaken(): void {
    if (this.#state === "closed" || !this.#outbox.advance()) return
    for (const listener of this.#writableListeners) listener()
  }

  onEnd(cause?: Error): void {
    if (this.#state === "closed") return
    const reason = cause ? `the connection was lost: ${codeOf(cause)}` : "the server closed the connection"
    this.destroy(new ConnectionError(reason, { cause }))
  }

  onGone(): void {
    this.onEnd()
    this.#gone.resolve()
  }

  // What the parser tells

  next(): Wanted | undefined {
    return this.#push === undefined ? this.#flight.first?.decode : "bytes"
  }

  reply(reply: Reply): void {
    this.#answered = true
    const entry = this.#flight.first
    if (this.#push && isUnasked(reply, entry)) {
      this.#push(reply)
      return
    }
    if (entry === undefined) {
      // What MONITOR tells: one string after the other.
      this.#push?.([reply])
      return
    }
    if (entry instanceof TransactionInFlight && !entry.counts()) return
    this.#flight.shift()
    entry.resolve(reply)
    if (this.#state === "draining") this.#closeWhenDone()
  }

  error(error: ReplyError): void {
    if (!this.#answered && TURNED_AWAY.test(error.message)) {
      this.#turnAway(error)
      return
    }
    const entry = this.#flight.first
    if (entry === undefined) {
      this.destroy(new ConnectionError(`the server ends the connection: ${error.message}`, { cause: error }))
      return
    }
    if (entry instanceof TransactionInFlight && !entry.counts(error)) return
    this.#flight.shift()
    entry.reject(error)
    if (this.#state === "draining") this.#closeWhenDone()
  }

  push(items: readonly Reply[]): void {
    this.#push?.(items)
  }

  /** The server refused the connection as a whole, before it read anything: nothing that was written to it ran. */
  #turnAway(error: ReplyError): void {
    for (const entry of this.#flight.takeAll()) entry.reject(error)
    this.destroy(new ConnectionError(`the server refused the connection: ${error.message}`, { cause: error }))
  }

  #closeWhenDone(): void {
    if (this.#flight.size > 0) return
    this.#state = "closed"
    this.#stream.close()
    this.#end(this.#reason)
  }

  /** Loses what is owed, oldest first; then tells the listeners, once. */
  #end(reason: Error): void {
    const { untouched } = this.#outbox
    this.#reason = reason
    this.#outbox.clear()
    this.#flight.lose(untouched, reason)
    for (const listener of this.#closeListeners.splice(0)) listener(reason)
  }
}

/** What the server says by itself. In RESP2 it looks like any array: only its first word tells. */
function isUnasked(reply: Reply, asked: InFlight | undefined): reply is readonly Reply[] {
  if (!Array.isArray(reply) || !(reply[0] instanceof Uint8Array) || reply[0].length > LONGEST_WORD)
    return false
  const word = String.fromCharCode(...reply[0])
  // A server ends the subscription to a shard channel when it loses the slot.
  if (word === "sunsubscribe") return !(asked && "args" in asked && asked.args[0] === "SUNSUBSCRIBE")
  return /^[ps]?message$/.test(word)
}

/** What an error is called, or what it says where it has no code. */
function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message
}
