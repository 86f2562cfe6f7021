import type { Arg, Request, Transaction } from "../transport.ts"
import { encode, NIL_ARRAY, toBytes, toText, type WireReply } from "./fake-reply.ts"
import { type FakeScript, lost, type Mishap } from "./fake-script.ts"
import type { FakeServer, Session } from "./fake-server.ts"

/** What the server gets to answer at once: one command, or a whole transaction. */
export type Job = Request | Transaction

/** What reaches the client: bytes, the reply they complete, or the end. */
export interface Arrival {
  readonly bytes: number
  readonly reply?: WireReply
  /** Errors of commands that `MULTI` refused to queue. */
  readonly refusals?: readonly string[]
  readonly end?: Error
  /** What follows comes a turn later, or after so many ms. */
  readonly pauseMs?: number
}

interface Answer {
  /** Replies that the client never sees: `OK` to `MULTI` and `QUEUED`. */
  readonly before: readonly WireReply[]
  readonly reply: WireReply
}

/** The server's end of one connection. */
export class FakePeer {
  readonly #script: FakeScript
  readonly #server: FakeServer
  readonly #session: Session
  readonly #read: (arrival: Arrival) => void
  #inbox: Job[] = []
  #line: Arrival[] = []
  #lastDue = 0
  #answering = true
  #muted = false
  #paused = false
  /** Set while a command blocks; ends its wait. */
  #unblock: (() => void) | undefined
  #waitIsOver = false

  constructor(server: FakeServer, script: FakeScript, read: (arrival: Arrival) => void) {
    this.#server = server
    this.#script = script
    this.#session = server.session()
    this.#read = read
  }

  /** Takes what the client wrote and answers, unless something before it still blocks. */
  receive(jobs: readonly Job[]): void {
    this.#inbox = this.#inbox.concat(jobs)
    if (!this.#unblock) this.#work()
  }

  /** Neither runs nor answers anything more, nor delivers what is under way. */
  silence(): void {
    this.#stop()
    this.#muted = true
  }

  /** Ends the connection; the client learns of it with its next input. What is under way is lost. */
  cut(reason: Error): void {
    this.#stop()
    this.#muted = true
    this.#script.host.arrive(this.#script.host.now(), () => this.#read({ bytes: 0, end: reason }))
  }

  /** Delivers what was held back. */
  release(): void {
    this.#script.host.arrive(this.#script.host.now(), () => this.#deliver())
  }

  #stop(): void {
    this.#answering = false
    this.#inbox = []
    this.#unblock?.()
  }

  #work(): void {
    const arrivals: Arrival[] = []
    while (this.#answering) {
      const job = this.#inbox[0]
      if (!job) break
      const answer = this.#answer(job)
      if (!answer) {
        this.#block(job)
        break
      }
      this.#inbox.shift()
      arrivals.push(...this.#post(answer))
    }
    if (arrivals.length > 0) this.#send(arrivals)
  }

  #answer(job: Job): Answer | undefined {
    const scripted = this.#script.nextAnswer()
    if (scripted) return { before: [], reply: scripted }
    if ("commands" in job) return this.#transact(job)
    const reply = this.#server.execute(this.#session, job.args.map(toBytes))
    if (reply) return { before: [], reply }
    if (!this.#waitIsOver) return undefined
    this.#waitIsOver = false
    return { before: [], reply: NIL_ARRAY }
  }

  #transact({ commands }: Transaction): Answer | undefined {
    const run = (args: readonly Arg[]) => this.#server.execute(this.#session, args.map(toBytes))
    const before = [["MULTI"], ...commands].flatMap((args) => run(args) ?? [])
    const reply = run(["EXEC"])
    return reply && { before, reply }
  }

  /** Tries again after every write by anybody, and gives up at the command's own timeout. */
  #block(job: Job): void {
    if (this.#unblock) return
    const { host } = this.#script
    const retry = () => host.arrive(host.now(), () => blocked && this.#retry())
    let blocked = true
    const stop = this.#server.onWrite(retry)
    this.#unblock = () => {
      blocked = false
      stop()
      this.#unblock = undefined
    }
    const seconds = "args" in job ? Number(toText(job.args.at(-1) ?? "0")) : 0
    if (seconds > 0) {
      host.arrive(host.now() + seconds * 1000, () => {
        this.#waitIsOver = blocked
        if (blocked) this.#retry()
      })
    }
  }

  #retry(): void {
    this.#unblock?.()
    this.#work()
  }

  /** One answer as it travels, with what the test wants to befall it. */
  #post({ before, reply }: Answer): Arrival[] {
    const refusals = before.flatMap((each) => (each.type === "error" ? [each.text] : []))
    const arrivals: Arrival[] = before.map((each) => ({ bytes: encode(each).length }))
    arrivals.push({ bytes: encode(reply).length, reply, refusals })
    for (const [n, arrival] of arrivals.entries()) {
      const mishap = this.#script.nextMishap()
      if (mishap) return [...arrivals.slice(0, n), ...this.#spoil(arrival, mishap)]
    }
    return arrivals.flatMap((arrival) => (arrival.reply ? this.#trickle(arrival) : arrival))
  }

  #spoil(arrival: Arrival, { bytes, ending }: Mishap): Arrival[] {
    this.#stop()
    const part = bytes < arrival.bytes ? { bytes } : arrival
    return ending === "cut" ? [part, { bytes: 0, end: lost("the server closed it") }] : [part]
  }

  #trickle(arrival: Arrival): Arrival[] {
    const { pieces, everyMs } = this.#script.trickles.shift() ?? { pieces: 1, everyMs: 0 }
    const bytes = Math.floor(arrival.bytes / pieces)
    const first = Array.from({ length: pieces - 1 }, () => ({ bytes, pauseMs: everyMs }))
    return [...first, { ...arrival, bytes: arrival.bytes - bytes * first.length }]
  }

  #send(arrivals: readonly Arrival[]): void {
    const { host, latencyMs } = this.#script
    this.#lastDue = Math.max(this.#lastDue, host.now() + latencyMs)
    host.arrive(this.#lastDue, () => {
      this.#line = this.#line.concat(arrivals)
      this.#deliver()
    })
  }

  #deliver(): void {
    while (!this.#paused && !this.#muted && !this.#script.held) {
      const arrival = this.#line.shift()
      if (!arrival) return
      this.#read(arrival)
      if (arrival.pauseMs !== undefined) this.#pause(arrival.pauseMs)
    }
  }

  #pause(ms: number): void {
    const { host } = this.#script
    this.#paused = true
    host.arrive(host.now() + ms, () => {
      this.#paused = false
      this.#deliver()
    })
  }
}
