import { ConnectionError, type ReplyError } from "../errors.ts"
import type { Connection, Reply, Traits, Transport } from "../transport.ts"
import { FakeConnection } from "./fake-connection.ts"
import { FakeHost } from "./fake-host.ts"
import { toWire } from "./fake-reply.ts"
import { FakeScript, lost } from "./fake-script.ts"
import { FakeServer } from "./fake-server.ts"

/** What a fake transport can be given. */
export interface FakeTransportOptions {
  /** The loop that replies arrive through; its own if none is given. @defaultValue `new FakeHost()` */
  readonly host?: FakeHost
  readonly traits?: Partial<Traits>
  /** Another transport's `server`, to share its data. @defaultValue a new one */
  readonly server?: FakeServer
}

/** What happens to the next connects. */
type Gate = "open" | "hangs" | "mute" | Error

interface Attempt {
  readonly resolve: (connection: Connection) => void
  readonly reject: (error: Error) => void
}

/**
 * A transport to a small Redis in memory, with faults at a test's word. Commands run when they reach the server,
 * at once; replies arrive as the next input of `host`. Give the client the same host.
 */
export class FakeTransport implements Transport {
  readonly traits: Traits
  readonly host: FakeHost
  readonly server: FakeServer
  /** Every connection ever opened, oldest first. */
  readonly connections: FakeConnection[] = []
  /** Calls of `connect`, whatever became of them. */
  attempts = 0
  readonly #script: FakeScript
  #gate: Gate = "open"
  #hanging: Attempt[] = []
  readonly #pending = new Set<Attempt>()

  constructor({ host = new FakeHost(), traits = {}, server = new FakeServer() }: FakeTransportOptions = {}) {
    this.host = host
    this.server = server
    this.#script = new FakeScript(host)
    const endless = Number.POSITIVE_INFINITY
    this.traits = { persistent: true, leases: true, maxRequests: endless, maxBytes: endless, ...traits }
  }

  connect({ signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    this.attempts++
    return new Promise((resolve, reject) => {
      const attempt = { resolve, reject }
      const abandon = () => {
        this.#pending.delete(attempt)
        reject(new ConnectionError("the connect was abandoned", { cause: signal.reason }))
      }
      if (signal.aborted) return abandon()
      signal.addEventListener("abort", abandon, { once: true })
      this.#pending.add(attempt)
      this.host.arrive(this.host.now() + this.#script.latencyMs, () => this.#admit(attempt))
    })
  }

  /** Connects that have neither opened nor failed. */
  get connecting(): number {
    return this.#pending.size
  }

  /** The connections that are not closed. */
  get open(): readonly FakeConnection[] {
    return this.connections.filter(({ state }) => state !== "closed")
  }

  /** Every command sent, over all connections, oldest connection first. */
  get commands(): readonly (readonly string[])[] {
    return this.connections.flatMap(({ sent }) => sent.flat())
  }

  /** Commands run; their replies stay on the way until `release`. */
  hold(): void {
    this.#script.held = true
  }

  release(): void {
    this.#script.held = false
    for (const connection of this.open) connection.release()
  }

  /** Replies and connects take `ms` of the host's clock. */
  setLatency(ms: number): void {
    this.#script.latencyMs = ms
  }

  /** The connections of now run and answer nothing any more and never close; new ones are fine. */
  silence(): void {
    for (const connection of this.open) connection.silence()
  }

  /** As `silence`, and new connects hang; with "accepting" they open but never answer. Until `accept`. */
  stall(how: "hanging" | "accepting" = "hanging"): void {
    this.silence()
    this.#gate = how === "hanging" ? "hangs" : "mute"
  }

  /** New connects hang, until `accept`. */
  hang(): void {
    this.#gate = "hangs"
  }

  /** The server closes every connection, hanging ones too: what it has not run it never will, replies on the way are lost. */
  cut(reason: Error = lost("the server closed it")): void {
    for (const connection of this.open) connection.cut(reason)
    if (this.#gate !== "hangs") return
    for (const attempt of this.#pending) attempt.reject(reason)
    this.#pending.clear()
  }

  /** New connects fail, until `accept`. */
  refuse(error: Error = new ConnectionError("the server refused the connection")): void {
    this.#gate = error
  }

  /** New connects fail with the server's own error, until `accept`. */
  refuseHandshake(error: ReplyError): void {
    this.#gate = error
  }

  /** New connects succeed again; those that hang go on. */
  accept(): void {
    this.#gate = "open"
    for (const attempt of this.#hanging.splice(0)) this.#admit(attempt)
  }

  /** Answers the next command, on whatever connection, with this instead of running it. May be called ahead. */
  answerNext(reply: Reply): void {
    this.#script.answerNext(toWire(reply))
  }

  /**
   * Runs the nth command from now and loses its reply: the connection is cut, or silent from then on. A transaction
   * has a reply for `MULTI`, for each command and for `EXEC`.
   */
  loseReplyOf(nth: number, ending: "cut" | "silence" = "cut"): void {
    this.#script.plan(nth, { bytes: 0, ending })
  }

  /** Cuts the connection that carries the nth reply from now, right after it. */
  cutAfter(replies: number): void {
    this.#script.plan(replies, { bytes: Number.POSITIVE_INFINITY, ending: "cut" })
  }

  /** Cuts the connection when only so many bytes of the nth reply from now have come. */
  cutMidReply(nth: number, afterBytes: number): void {
    this.#script.plan(nth, { bytes: afterBytes, ending: "cut" })
  }

  /** Lets the next reply arrive in so many pieces: one per turn of the loop, or one every so often. */
  trickle(pieces: number, everyMs = 0): void {
    this.#script.trickles.push({ pieces, everyMs })
  }

  /** The kernel takes no more of the connections of now, with `bytes` already waiting in front. */
  fillBacklog(bytes: number): void {
    for (const connection of this.open) connection.clog({ room: 0, padding: bytes })
  }

  /** The peer stops reading: the kernel takes `room` more bytes of each connection. */
  stopReading(room = 65_536): void {
    for (const connection of this.open) connection.clog({ room, padding: 0 })
  }

  /** The kernel takes everything again: what waited is written, and `onWritable` fires. */
  drainBacklog(): void {
    for (const connection of this.open) connection.unclog()
  }

  #admit(attempt: Attempt): void {
    if (!this.#pending.has(attempt)) return
    if (this.#gate === "hangs") {
      this.#hanging.push(attempt)
      return
    }
    this.#pending.delete(attempt)
    if (this.#gate instanceof Error) {
      attempt.reject(this.#gate)
      return
    }
    const connection = new FakeConnection(this.connections.length + 1, this.server, this.#script)
    this.connections.push(connection)
    if (this.#gate === "mute") connection.silence()
    attempt.resolve(connection)
  }
}
