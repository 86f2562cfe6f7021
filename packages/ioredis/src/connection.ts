import type { Socket } from "node:net"
import {
  type Connection,
  ConnectionError,
  type Owed,
  type Reply,
  type ReplyError,
  type Request,
} from "@warmpool/core"
import { Parser } from "@warmpool/core/resp"
import { type Job, Outbox } from "./outbox.ts"
import { Queue } from "./queue.ts"
import { resetSocket } from "./reset-socket.ts"
import { TransactionReplies } from "./transaction-replies.ts"

/** What a server says at the door, before it reads anything. */
const TURNED_AWAY = /^(?:ERR max number of clients|DENIED)\b/

/**
 * RESP over a socket that ioredis opened. ioredis' own commands are not used: it writes each by itself, can't tell
 * whether bytes reached the kernel, and its decoder loses the difference between `+OK` and a bulk "OK".
 */
export class IoredisConnection implements Connection {
  received = 0
  lastByteAt = Date.now()
  readonly #socket: Socket
  readonly #outbox: Outbox
  readonly #parser: Parser
  /** What was handed to the socket and has no reply yet. */
  readonly #flight = new Queue<Request | TransactionReplies>()
  readonly #gone: Promise<void>
  readonly #writableListeners: (() => void)[] = []
  readonly #closeListeners: ((reason: Error) => void)[] = []
  #state: "open" | "draining" | "closed" = "open"
  #reason: Error = new ConnectionError("the connection was closed")
  #answered = false

  /** Takes over a connected socket: what others would read from it is ours now. */
  constructor(socket: Socket) {
    this.#socket = socket
    this.#outbox = new Outbox(socket, {
      handed: (job) => this.#flight.push("args" in job ? job : new TransactionReplies(job)),
      failed: (error, untaken) => this.#end(lossOf(error), untaken),
      writable: () => this.#tellWritable(),
    })
    const receiver = {
      next: () => nextOf(this.#flight.head),
      reply: (reply: Reply) => this.#take(reply),
      error: (error: ReplyError) => this.#refuse(error),
    }
    this.#parser = new Parser(receiver, { decodeText })
    this.#gone = new Promise((resolve) => socket.once("close", () => resolve()))
    this.#listen()
  }

  get owed(): number {
    return this.#flight.length + this.#outbox.length
  }

  get backlog(): number {
    return this.#state === "closed" ? 0 : this.#outbox.bytes
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const flying of this.#flight.list()) visit(jobOf(flying))
    this.#outbox.each(visit)
  }

  send(batch: readonly Job[], signal?: AbortSignal): void {
    if (!this.#socket.writable) this.#end(lossOf(this.#socket.errored))
    if (this.#state === "open") this.#outbox.send(batch, signal)
    else for (const job of batch) job.lose("unsent", this.#reason)
  }

  onWritable(listener: () => void): void {
    this.#writableListeners.push(listener)
  }

  onClose(listener: (reason: Error) => void): void {
    if (this.#state === "closed") listener(this.#reason)
    else this.#closeListeners.push(listener)
  }

  close(): Promise<void> {
    if (this.#state === "open") this.#state = "draining"
    this.#endIfDrained()
    return this.#gone
  }

  destroy(reason: Error): void {
    this.#end(reason)
  }

  /** `close` comes last and late: where it alone was heeded, writes went into sockets known to be dead. */
  #listen(): void {
    const socket = this.#socket
    socket.removeAllListeners("data")
    socket.on("data", (chunk: Buffer) => this.#receive(chunk))
    socket.on("end", () => this.#end(new ConnectionError("the server closed the connection")))
    socket.on("error", (error) => this.#end(lossOf(error)))
    socket.on("close", () => this.#end(lossOf(null)))
  }

  #receive(chunk: Buffer): void {
    if (this.#state === "closed") return
    this.received += chunk.length
    this.lastByteAt = Date.now()
    try {
      this.#parser.push(chunk)
    } catch (error) {
      // A reply's own receiver may have destroyed us; what follows in the chunk is nobody's then.
      this.#end(error instanceof Error ? error : lossOf(null))
    }
    this.#endIfDrained()
  }

  #take(reply: Reply): void {
    this.#answered = true
    const flying = this.#advance()
    if (flying instanceof TransactionReplies) flying.take(reply)
    else flying?.resolve(reply)
  }

  #refuse(error: ReplyError): void {
    if (this.#flight.length === 0 || (!this.#answered && TURNED_AWAY.test(error.message))) {
      this.#turnAway(error)
      return
    }
    this.#answered = true
    const flying = this.#advance()
    if (flying instanceof TransactionReplies) flying.refuse(error)
    else flying?.reject(error)
  }

  /** Whose reply came; a transaction stays at the head until its last. */
  #advance(): Request | TransactionReplies | undefined {
    const flying = this.#flight.head
    if (!(flying instanceof TransactionReplies) || flying.isLast) this.#flight.shift()
    return flying
  }

  /** The server refused the connection as a whole: nothing that was written to it ran. */
  #turnAway(error: ReplyError): void {
    const flight = this.#flight.takeAll()
    for (const flying of flight) jobOf(flying).reject(error)
    this.#end(new ConnectionError(`the server refused the connection: ${error.message}`, { cause: error }))
  }

  #tellWritable(): void {
    for (const listener of [...this.#writableListeners]) listener()
  }

  #endIfDrained(): void {
    if (this.#state === "draining" && this.owed === 0) this.#end(this.#reason)
  }

  /** Ends once: the socket first, so that nothing lost as unsent is delivered later. */
  #end(reason: Error, untaken = 0): void {
    if (this.#state === "closed") return
    const drained = this.#state === "draining" && this.owed === 0
    this.#state = "closed"
    this.#reason = reason
    if (drained) this.#socket.destroy()
    else resetSocket(this.#socket)
    const flight = this.#flight.takeAll()
    const held = this.#outbox.takeAll()
    const doubtful = flight.length - untaken
    for (const [n, flying] of flight.entries())
      jobOf(flying).lose(n < doubtful ? "unknown" : "unsent", reason)
    for (const job of held) job.lose("unsent", reason)
    for (const listener of this.#closeListeners.splice(0)) listener(reason)
  }
}

function jobOf(flying: Request | TransactionReplies): Job {
  return flying instanceof TransactionReplies ? flying.job : flying
}

function nextOf(flying: Request | TransactionReplies | undefined): Request["decode"] | undefined {
  return flying instanceof TransactionReplies ? flying.next : flying?.decode
}

/** Node's own errors hold an address and a code, and no secret. */
function lossOf(error: Error | null): ConnectionError {
  if (!error) return new ConnectionError("the connection was closed")
  const code = "code" in error ? String(error.code) : error.message
  return new ConnectionError(`the connection was lost: ${code}`, { cause: error })
}

function decodeText(bytes: Uint8Array, from: number, to: number): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString("utf8", from, to)
}
