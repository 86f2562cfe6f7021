import { ArgumentError, type Connection, ConnectionError, type Owed } from "@warmpool/core"
import { type Batch, type ReadResp, settle } from "./answers.ts"
import type { Codec } from "./codec.ts"
import type { Answer, Line } from "./line.ts"
import { bodyOf, pathOf, textBody } from "./message.ts"
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
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** How a request was written, which says how its answer is read. */
interface Written {
  /** Its place in the order of sending. */
  readonly order: number
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
  readonly #flights = new Map<Batch, Flight>()
  readonly #end = new AbortController()
  /** Why nothing is sent any more. */
  #reason: Error | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get owed(): number {
    return [...this.#flights.keys()].flat().length
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const job of [...this.#flights.keys()].flat()) visit(job as Owed<unknown>)
  }

  send(batch: Batch, signal?: AbortSignal): void {
    const { server, codec, resp, eager } = this.#parts
    if (this.#reason || signal?.aborted) {
      lose(batch, "unsent", this.#reason ?? signal?.reason)
      return
    }
    const [first] = batch
    if (first && "commands" in first && first.commands.length === 0) {
      // Servers refuse a transaction of nothing, which a socket lets through.
      first.resolve([])
      return
    }
    const text = textBody(batch)
    if (text === undefined && server.isGateway === false) {
      const rest = batch.filter((job) => textBody([job]) !== undefined)
      for (const job of batch) if (!rest.includes(job)) job.reject(notText())
      if (rest.length > 0) this.send(rest, signal)
      return
    }
    const asResp = (eager || server.isGateway) && pathOf(batch) !== "/multi-exec"
    server.sent += 1
    const written = { order: server.sent, resp: asResp ? resp : undefined, encoded: text === undefined }
    this.#post(batch, { ...written, body: text ?? bodyOf(batch, codec.encode) }, signal)
  }

  onWritable(): void {}

  onClose(listener: (reason: Error) => void): void {
    const { signal } = this.#end
    const tell = (): void => listener(signal.reason)
    if (signal.aborted) tell()
    else signal.addEventListener("abort", tell)
  }

  async close(): Promise<void> {
    this.#reason ??= new ConnectionError("the connection was closed")
    await Promise.all(Array.from(this.#flights.values(), ({ done }) => done))
    this.destroy(this.#reason)
  }

  destroy(reason: Error): void {
    if (this.#end.signal.aborted) return
    this.#reason = reason
    for (const [batch, { stop }] of this.#flights) this.#giveUp(batch, stop, reason)
    this.#parts.line.close?.()
    this.#end.abort(reason)
  }

  #post(batch: Batch, written: Written & { readonly body: string }, signal: AbortSignal | undefined): void {
    const { server, line } = this.#parts
    const headers: Record<string, string> = { ...server.headers }
    if (written.resp) headers["upstash-response-format"] = "resp2"
    else headers["upstash-encoding"] = "base64"
    if (server.token !== undefined) headers["upstash-sync-token"] = server.token
    if (written.encoded) headers["warmpool-arguments"] = "base64"
    const stop = new AbortController()
    const onAbort = (): void => this.#giveUp(batch, stop, signal?.reason)
    signal?.addEventListener("abort", onAbort)
    const done = line.post(pathOf(batch), { headers, body: written.body }, stop.signal).then(
      (answer) => {
        if (this.#flights.delete(batch)) this.#take(batch, answer, written)
      },
      (error: Error) => {
        if (this.#flights.delete(batch)) fail(batch, error)
      },
    )
    this.#flights.set(batch, { stop, done: done.then(() => signal?.removeEventListener("abort", onAbort)) })
  }

  #take(batch: Batch, answer: Answer, { order, resp, encoded }: Written): void {
    const { server, codec } = this.#parts
    const { status, header, body } = answer
    this.received += body.length
    this.lastByteAt = Date.now()
    if (status === 200 || status === 400) {
      server.isGateway = header("warmpool-gateway") != null
      server.saw(header("upstash-sync-token"), order)
      if (encoded && !server.isGateway) {
        // To this server the names were unknown commands: nothing ran, and the next try tells bytes from text.
        lose(batch, "unsent", notText())
        return
      }
    }
    settle(batch, answer, { codec, resp })
  }

  #giveUp(batch: Batch, stop: AbortController, reason: Error): void {
    if (!this.#flights.delete(batch)) return
    stop.abort(reason)
    lose(batch, "unknown", reason)
  }
}

/** The line says with its own error that nothing was sent: for now, or for good. */
function fail(batch: Batch, cause: Error): void {
  const isUnsent = cause instanceof ConnectionError
  const error = new ConnectionError(`the request failed: ${cause.message}`, { cause, fate: "unsent" })
  if (isUnsent && !cause.fate) for (const job of batch) job.reject(error)
  else lose(batch, isUnsent ? "unsent" : "unknown", error)
}

function lose(batch: Batch, fate: "unsent" | "unknown", cause: Error): void {
  for (const job of batch) job.lose(fate, cause)
}

function notText(): ArgumentError {
  return new ArgumentError("this server takes UTF-8 only: write other bytes in base64", { fate: "unsent" })
}
