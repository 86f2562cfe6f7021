import { ConnectionError, ReplyError } from "../errors.ts"
import type { Arg, Connection, Owed } from "../transport.ts"
import { type Arrival, FakePeer, type Job } from "./fake-peer.ts"
import { toBytes, toText, view, type WireReply } from "./fake-reply.ts"
import type { FakeScript } from "./fake-script.ts"
import type { FakeServer } from "./fake-server.ts"

/** A request on its way out, with the bytes of it that the kernel has taken. */
interface Parcel {
  readonly job: Job
  readonly bytes: number
  taken: number
}

/** One connection of a `FakeTransport`, and what was sent over it. */
export class FakeConnection implements Connection {
  /** 1 for the transport's first connection. */
  readonly id: number
  /** Every batch given to `send`, as the commands of it; a transaction with its `MULTI` and `EXEC`. */
  readonly sent: (readonly (readonly string[])[])[] = []
  received = 0
  lastByteAt: number
  readonly #script: FakeScript
  readonly #peer: FakePeer
  #state: "open" | "draining" | "closed" = "open"
  #reason: Error = new ConnectionError("the connection was closed")
  #outbox: Parcel[] = []
  #flight: Job[] = []
  /** Bytes that the kernel takes before it is full. */
  #room = Number.POSITIVE_INFINITY
  /** Bytes of nobody's request that lie in the send buffer. */
  #padding = 0
  readonly #writableListeners: (() => void)[] = []
  readonly #closeListeners: ((reason: Error) => void)[] = []

  constructor(id: number, server: FakeServer, script: FakeScript) {
    this.id = id
    this.#script = script
    this.lastByteAt = script.host.now()
    this.#peer = new FakePeer(server, script, (arrival) => this.#arrive(arrival))
  }

  get state(): "open" | "draining" | "closed" {
    return this.#state
  }

  get owed(): number {
    return this.#flight.length + this.#outbox.length
  }

  get backlog(): number {
    return this.#outbox.reduce((sum, { bytes, taken }) => sum + bytes - taken, this.#padding)
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const owed of this.#all()) visit(owed)
  }

  send(batch: readonly Job[]): void {
    if (this.#state !== "open") {
      for (const job of batch) job.lose("unsent", this.#reason)
      return
    }
    const commands = batch.map(commandsOf)
    this.sent.push(commands.flat().map((args) => args.map(toText)))
    const parcels = batch.map((job, n) => ({ job, bytes: sizeOf(commands[n] ?? []), taken: 0 }))
    this.#outbox = this.#outbox.concat(parcels)
    this.#write()
  }

  onWritable(listener: () => void): void {
    this.#writableListeners.push(listener)
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
    return new Promise((resolve) => this.onClose(() => resolve()))
  }

  destroy(reason: Error): void {
    this.#end(reason)
  }

  /** The server's end goes quiet for good, without a word. */
  silence(): void {
    this.#peer.silence()
  }

  /** The server's end closes; the client learns of it with its next input. */
  cut(reason: Error): void {
    this.#peer.cut(reason)
  }

  /** Delivers what the transport held back. */
  release(): void {
    this.#peer.release()
  }

  /** The kernel takes `room` more bytes and then no more; `padding` bytes lie before them. */
  clog({ room, padding }: { readonly room: number; readonly padding: number }): void {
    this.#room = room
    this.#padding = padding
  }

  /** The kernel takes everything again. */
  unclog(): void {
    const wasFull = this.backlog > 0
    this.clog({ room: Number.POSITIVE_INFINITY, padding: 0 })
    if (this.#state === "closed") return
    this.#write()
    if (!wasFull) return
    for (const listener of [...this.#writableListeners]) listener()
  }

  #all(): Job[] {
    return [...this.#flight, ...this.#outbox.map(({ job }) => job)]
  }

  #write(): void {
    const written: Job[] = []
    for (const parcel of this.#outbox) {
      const taken = Math.min(this.#room, parcel.bytes - parcel.taken)
      parcel.taken += taken
      this.#room -= taken
      if (parcel.taken < parcel.bytes) break
      written.push(parcel.job)
    }
    this.#outbox = this.#outbox.slice(written.length)
    this.#flight = this.#flight.concat(written)
    this.#peer.receive(written)
  }

  #arrive({ bytes, reply, refusals, end }: Arrival): void {
    if (this.#state === "closed") return
    this.received += bytes
    if (bytes > 0) this.lastByteAt = this.#script.host.now()
    if (end) this.#end(end)
    const job = reply && this.#flight.shift()
    if (!job) return
    settle(job, reply, refusals ?? [])
    if (this.#state === "draining") this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.owed > 0) return
    const { host } = this.#script
    host.arrive(host.now(), () => this.#end(this.#reason))
  }

  /** Loses what is owed, oldest first; then tells the listeners, once. */
  #end(reason: Error): void {
    if (this.#state === "closed") return
    this.#state = "closed"
    this.#reason = reason
    this.#peer.silence()
    const flight = this.#flight.splice(0)
    const outbox = this.#outbox.splice(0)
    for (const job of flight) job.lose("unknown", reason)
    for (const { job, taken } of outbox) job.lose(taken > 0 ? "unknown" : "unsent", reason)
    for (const listener of this.#closeListeners.splice(0)) listener(reason)
  }
}

function settle(job: Job, reply: WireReply, refusals: readonly string[]): void {
  if (reply.type === "error") {
    const previousErrors = refusals.map((text) => new ReplyError(text))
    job.reject(new ReplyError(reply.text, previousErrors.length > 0 ? { previousErrors } : {}))
    return
  }
  if ("args" in job) {
    job.resolve(view(reply, job.decode))
    return
  }
  const items = reply.type === "array" ? reply.items : [reply]
  job.resolve(items?.map((item) => view(item, job.decode)) ?? null)
}

function commandsOf(job: Job): readonly (readonly Arg[])[] {
  return "args" in job ? [job.args] : [["MULTI"], ...job.commands, ["EXEC"]]
}

/** The bytes of commands on the wire. */
function sizeOf(commands: readonly (readonly Arg[])[]): number {
  const piece = (length: number) => `$${length}\r\n\r\n`.length + length
  return commands.reduce((sum, args) => {
    const header = `*${args.length}\r\n`.length
    return sum + header + args.reduce((size, arg) => size + piece(toBytes(arg).length), 0)
  }, 0)
}
