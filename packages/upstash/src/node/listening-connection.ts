import { type Arg, ConnectionError, type Reply, type Request, UnsupportedCommandError } from "@warmpool/core"
import type { Exchanger } from "@warmpool/core/exchange"
import { type Batch, settle } from "../answers.ts"
import type { Fetch } from "../fetch-line.ts"
import type { Parts } from "../http-transport.ts"
import { eventsOf } from "./events.ts"
import { HttpConnection } from "./http-connection.ts"

/** What a connection that listens needs beside its exchanges. */
export interface Ear extends Pick<Parts, "headers" | "reading"> {
  readonly url: string
  readonly fetch: Fetch
}

interface Channel {
  readonly kind: "subscribe" | "psubscribe"
  readonly name: string
}

const SUBSCRIBING = /^(p?|s)(un)?subscribe$/i

/** Servers that have confirmed a subscription once: losing one of theirs is an outage, not a refusal. */
const heard = new WeakSet<Ear["headers"]>()

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Carries subscriptions as a socket does: each channel is a stream of server-sent events, and its messages are pushed.
 * Where one stream ends the connection is lost, so that whoever listens subscribes anew.
 */
export class ListeningConnection extends HttpConnection {
  readonly #ear: Ear
  readonly #streams = new Map<string, AbortController>()
  #push: (push: readonly Reply[]) => void = () => undefined

  constructor(exchanger: Exchanger, ear: Ear) {
    super(exchanger)
    this.#ear = ear
    this.onClose((reason) => {
      for (const stream of this.#streams.values()) stream.abort(reason)
    })
  }

  onPush(listener: (push: readonly Reply[]) => void): void {
    this.#push = listener
  }

  override send(batch: Batch, signal?: AbortSignal): void {
    const others = batch.filter((job) => !("args" in job && this.#takes(job)))
    if (others.length > 0) super.send(others, signal)
  }

  /** Whether a command is about subscriptions; it is dealt with then. */
  #takes(request: Request): boolean {
    const [command = "", ...names] = request.args.map(textOf)
    const [, type, not] = SUBSCRIBING.exec(command) ?? []
    if (type === undefined) return false
    if (type.toLowerCase() === "s") {
      request.reject(new UnsupportedCommandError(`${command}: there are no shard channels over HTTP`))
      return true
    }
    const kind = type === "" ? "subscribe" : "psubscribe"
    for (const name of names) {
      if (not) this.#leave(`${kind}/${name}`)
      else void this.#listen(request, { kind, name })
    }
    if (not) request.resolve([])
    return true
  }

  #leave(path: string): void {
    this.#streams.get(path)?.abort()
    this.#streams.delete(path)
  }

  async #listen(request: Request, { kind, name }: Channel): Promise<void> {
    const { url, headers, reading, fetch } = this.#ear
    const stream = new AbortController()
    const { signal } = stream
    this.#leave(`${kind}/${name}`)
    this.#streams.set(`${kind}/${name}`, stream)
    let confirmed = false
    try {
      const response = await fetch(`${url}/${kind}/${encodeURIComponent(name)}`, {
        method: "POST",
        headers: { ...headers, accept: "text/event-stream" },
        body: "",
        redirect: "manual",
        signal,
      })
      const { status, body } = response
      if (status !== 200 || !body) {
        const answer = {
          status,
          header: (one: string) => response.headers.get(one),
          body: await response.text(),
        }
        settle([request], answer, { ...reading, resp: undefined })
        return
      }
      for await (const text of eventsOf(body as AsyncIterable<Uint8Array>, (count) => this.hear(count))) {
        if (!confirmed && text.startsWith(`${kind},`)) {
          confirmed = true
          heard.add(headers)
          request.resolve([])
        } else this.#deliver(text, { kind, name })
      }
      throw new ConnectionError("the server ended an event stream")
    } catch (error) {
      if (!signal.aborted) this.#lost(confirmed ? undefined : request, error)
      else if (!confirmed) request.lose("unknown", new ConnectionError("nobody listens any more"))
    }
  }

  /** A message as RESP has it. Only a channel that a pattern matched is not known beforehand. */
  #deliver(text: string, { kind, name }: Channel): void {
    const type = kind === "subscribe" ? "message" : "pmessage"
    const start = `${type},${name},`
    if (!text.startsWith(start)) return
    const rest = text.slice(start.length)
    const comma = kind === "subscribe" ? -1 : rest.indexOf(",")
    const parts = comma < 0 ? [rest] : [rest.slice(0, comma), rest.slice(comma + 1)]
    this.#push([type, name, ...parts].map((part) => encoder.encode(part)))
  }

  #lost(request: Request | undefined, cause: unknown): void {
    const why = cause instanceof Error ? cause.message : "no more events"
    const reason = new ConnectionError(`an event stream was lost: ${why}`, { cause })
    // The first of all: whoever listens should learn that there is nobody to listen to.
    if (heard.has(this.#ear.headers)) request?.lose("unknown", reason)
    else request?.reject(reason)
    this.destroy(reason)
  }
}

function textOf(arg: Arg): string {
  return typeof arg === "string" ? arg : decoder.decode(arg)
}
