import { ArgumentError, type Connection, ConnectionError, type Owed } from "@warmpool/core"
import { type Batch, type ReadResp, settle } from "./answers.ts"
import type { Codec } from "./codec.ts"
import type { Answer, Line } from "./line.ts"
import { base64Body, isTransaction, pathOf, textBody } from "./message.ts"
import type { Server } from "./server.ts"

/** What a connection is made of. */
export interface Parts {
  readonly server: Server
  readonly line: Line
  readonly codec: Codec
  readonly resp: ReadResp | undefined
  /** Whether to ask for RESP2 before the server has announced itself. */
  readonly eager: boolean
}

/** One HTTP request under way. */
interface Flight {
  readonly batch: Batch
  readonly stop: AbortController
  /** Its place in the order of sending. */
  readonly number: number
  readonly resp: ReadResp | undefined
  /** Whether its arguments are base64. */
  readonly encoded: boolean
}

/** Each batch is one request of the Upstash REST protocol. See docs/http-protocol.md. */
export class HttpConnection implements Connection {
  received = 0
  lastByteAt = Date.now()
  readonly backlog = 0
  readonly #parts: Parts
  readonly #flights = new Set<Flight>()
  readonly #listeners: ((reason: Error) => void)[] = []
  readonly #gone: Promise<void>
  #onGone: () => void = () => {}
  /** Why nothing is sent any more. */
  #reason: Error | undefined
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#gone = new Promise((resolve) => {
      this.#onGone = resolve
    })
  }

  get owed(): number {
    let owed = 0
    for (const { batch } of this.#flights) owed += batch.length
    return owed
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const { batch } of this.#flights) for (const job of batch) visit(job as Owed<unknown>)
  }

  send(batch: Batch, signal?: AbortSignal): void {
    const cause = this.#reason ?? (signal?.aborted ? gaveUp(signal) : undefined)
    if (cause) {
      lose(batch, "unsent", cause)
      return
    }
    const [first] = batch
    if (first && "commands" in first && first.commands.length === 0) {
      // A transaction of nothing has nothing to send, and servers refuse it.
      first.resolve([])
      return
    }
    const { server, codec, resp, eager } = this.#parts
    const text = textBody(batch)
    if (text === undefined && server.isGateway === false) {
      this.#sendText(batch, signal)
      return
    }
    const flight: Flight = {
      batch,
      stop: new AbortController(),
      number: server.next(),
      resp: isTransaction(batch) || !(eager || server.isGateway) ? undefined : resp,
      encoded: text === undefined,
    }
    this.#flights.add(flight)
    this.#post(flight, text ?? base64Body(batch, codec), signal)
  }

  onWritable(): void {}

  onClose(listener: (reason: Error) => void): void {
    if (this.#closed && this.#reason) listener(this.#reason)
    else this.#listeners.push(listener)
  }

  close(): Promise<void> {
    this.#reason ??= new ConnectionError("the connection was closed", { fate: "unsent" })
    this.#closeWhenDone()
    return this.#gone
  }

  destroy(reason: Error): void {
    if (this.#closed) return
    this.#reason = reason
    for (const flight of this.#flights) this.#giveUp(flight, reason)
    this.#closeWhenDone()
  }

  /** Sends what a server takes that knows text only. */
  #sendText(batch: Batch, signal: AbortSignal | undefined): void {
    const rest = batch.filter((job) => textBody([job]) !== undefined)
    for (const job of batch) if (!rest.includes(job)) job.reject(notText())
    if (rest.length > 0) this.send(rest, signal)
  }

  #post(flight: Flight, body: string, signal: AbortSignal | undefined): void {
    const { server, line } = this.#parts
    const headers: Record<string, string> = { ...server.headers }
    if (flight.resp) headers["upstash-response-format"] = "resp2"
    else headers["upstash-encoding"] = "base64"
    if (server.token !== undefined) headers["upstash-sync-token"] = server.token
    if (flight.encoded) headers["warmpool-arguments"] = "base64"
    const onAbort = signal && (() => this.#giveUp(flight, gaveUp(signal)))
    if (onAbort) signal.addEventListener("abort", onAbort)
    const finish = (run: () => void): void => {
      if (onAbort) signal.removeEventListener("abort", onAbort)
      if (!this.#flights.delete(flight)) return
      run()
      if (this.#reason) this.#closeWhenDone()
    }
    line.post(pathOf(flight.batch), { headers, body }, flight.stop.signal).then(
      (answer) => finish(() => this.#take(flight, answer)),
      (error) => finish(() => this.#fail(flight, error)),
    )
  }

  #take({ batch, number, resp, encoded }: Flight, answer: Answer): void {
    const { server, codec } = this.#parts
    this.received += answer.body.length
    this.lastByteAt = Date.now()
    const isGateway = answer.header("warmpool-gateway") != null
    if (answer.status === 200 || answer.status === 400) {
      server.isGateway = isGateway
      server.saw(answer.header("upstash-sync-token"), number)
      if (encoded && !isGateway) {
        // To this server the names were unknown commands: nothing ran.
        for (const job of batch) {
          if (textBody([job]) === undefined) job.reject(notText())
          else job.lose("unsent", notText())
        }
        return
      }
    }
    settle(batch, answer, { codec, resp, base64: resp === undefined })
  }

  #fail({ batch }: Flight, error: unknown): void {
    const fate = error instanceof ConnectionError && error.fate === "unsent" ? "unsent" : "unknown"
    const why = error instanceof Error ? error.message : "it was given up"
    lose(batch, fate, new ConnectionError(`the request failed: ${why}`, { cause: error, fate }))
  }

  #giveUp(flight: Flight, reason: Error): void {
    if (!this.#flights.delete(flight)) return
    flight.stop.abort(reason)
    lose(flight.batch, "unknown", reason)
    if (this.#reason) this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.#closed || this.#flights.size > 0 || !this.#reason) return
    this.#closed = true
    this.#parts.line.close?.()
    for (const listener of this.#listeners) listener(this.#reason)
    this.#onGone()
  }
}

function lose(batch: Batch, fate: "unsent" | "unknown", cause: Error): void {
  for (const job of batch) job.lose(fate, cause)
}

function gaveUp(signal: AbortSignal): ConnectionError {
  return new ConnectionError("nobody waits for the reply any more", { cause: signal.reason })
}

function notText(): ArgumentError {
  return new ArgumentError("this server takes arguments of UTF-8 only: put other bytes in base64", {
    fate: "unsent",
  })
}
