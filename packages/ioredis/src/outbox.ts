import type { Socket } from "node:net"
import { type Arg, ConnectionError, type Request, type Transaction } from "@warmpool/core"
import { Encoder, encodedLength } from "@warmpool/core/resp"
import { Queue } from "./queue.ts"

export type Job = Request | Transaction

/** What an outbox tells its connection. */
export interface Outlet {
  /** A job is on its way to the socket. */
  handed(job: Job): void
  /** A write failed at once; of the last `untaken` jobs handed no byte reached the kernel. */
  failed(error: Error, untaken: number): void
  /** Everything was taken, after some of it was not. */
  writable(): void
}

/** The jobs of one `send` that were not handed over yet: those from `next` on. */
interface Held {
  readonly jobs: readonly Job[]
  readonly signal: AbortSignal | undefined
  next: number
}

/** About as much goes to the socket before we ask whether the kernel took it. */
const SLICE_BYTES = 65_536

const MULTI = ["MULTI"]
const EXEC = ["EXEC"]

/**
 * Holds jobs back while the kernel has not taken everything before them, so that what is held is surely unsent. Of
 * what was handed over and not taken, some may be in the kernel: neither Node nor libuv tells how much.
 */
export class Outbox {
  readonly #socket: Socket
  readonly #outlet: Outlet
  readonly #encoder: Encoder
  readonly #held = new Queue<Held>()
  /** The kernel took some of the slice under way. */
  #accepted = false
  #clogged = false

  constructor(socket: Socket, outlet: Outlet) {
    this.#socket = socket
    this.#outlet = outlet
    this.#encoder = new Encoder((chunk) => this.#hand(chunk), { allocate: Buffer.allocUnsafeSlow })
  }

  /** Jobs held back. */
  get length(): number {
    let length = 0
    if (this.#held.length > 0) for (const { jobs, next } of this.#held.list()) length += jobs.length - next
    return length
  }

  /** Bytes that the kernel has not taken. */
  get bytes(): number {
    let bytes = this.#socket.writableLength
    if (this.#held.length > 0) this.each((job) => (bytes += sizeOf(job)))
    return bytes
  }

  /** Walks the jobs held back, oldest first. */
  each(visit: (job: Job) => void): void {
    for (const { jobs, next } of this.#held.list()) for (const job of jobs.slice(next)) visit(job)
  }

  /** Takes jobs to write, at once if the kernel has room; they are given up if `signal` aborts before. */
  send(jobs: readonly Job[], signal: AbortSignal | undefined): void {
    this.#held.push({ jobs, signal, next: 0 })
    this.#write()
  }

  /** Gives the jobs held back, oldest first, and keeps none. */
  takeAll(): Job[] {
    return this.#held.takeAll().flatMap(({ jobs, next }) => jobs.slice(next))
  }

  #write(): void {
    while (this.#held.length > 0 && this.#socket.writableLength === 0) this.#writeSlice()
    this.#clogged = this.#held.length > 0 || this.#socket.writableLength > 0
  }

  #writeSlice(): void {
    let handed = 0
    let bytes = 0
    this.#accepted = false
    for (let held = this.#held.head; held && bytes < SLICE_BYTES; held = this.#held.head) {
      const job = held.jobs[held.next]
      if (!job || held.signal?.aborted) {
        this.#forget(held)
        continue
      }
      held.next += 1
      handed += 1
      bytes += this.#encode(job)
    }
    this.#encoder.flush()
    const { errored } = this.#socket
    if (errored) this.#outlet.failed(errored, this.#accepted ? 0 : handed)
  }

  /** Drops what is left of a `send`: nothing, or what nobody waits for any more. */
  #forget(held: Held): void {
    this.#held.shift()
    if (held.next === held.jobs.length) return
    const reason = new ConnectionError("not sent: its signal was aborted before", {
      cause: held.signal?.reason,
    })
    for (const job of held.jobs.slice(held.next)) job.lose("unsent", reason)
  }

  /** Gives about the bytes; a walk over every string for the exact number is not worth it here. */
  #encode(job: Job): number {
    this.#outlet.handed(job)
    let bytes = 0
    for (const args of commandsOf(job)) {
      this.#encoder.add(args)
      for (const arg of args) bytes += arg.length
    }
    return bytes
  }

  #hand(chunk: Uint8Array): boolean {
    this.#socket.write(chunk, this.#onTaken)
    if (this.#socket.errored === null) this.#accepted = true
    return this.#socket.writableLength === 0
  }

  readonly #onTaken = (error?: Error | null): void => {
    if (error || this.#socket.writableLength > 0 || this.#socket.destroyed) return
    this.#encoder.reclaim()
    if (!this.#clogged) return
    this.#write()
    if (!this.#clogged) this.#outlet.writable()
  }
}

function commandsOf(job: Job): readonly (readonly Arg[])[] {
  return "args" in job ? [job.args] : [MULTI, ...job.commands, EXEC]
}

function sizeOf(job: Job): number {
  return commandsOf(job).reduce((bytes, args) => bytes + encodedLength(args), 0)
}
