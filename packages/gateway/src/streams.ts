import { type Arg, type Redis, UnsupportedCommandError, WarmpoolError } from "@warmpool/core"
import { errorAnswer, HERE, notRunAnswer } from "./answers.ts"
import { canLease, type Way } from "./clients.ts"
import type { Answer } from "./exchange.ts"
import { Feed } from "./feed.ts"
import type { Grant } from "./grants.ts"
import { lossOf } from "./outcomes.ts"
import { mayListen } from "./policy.ts"
import { openSource } from "./sources.ts"
import { textOf } from "./target.ts"

/** Sent when nothing else is, ms: connections through proxies end when they are silent. */
const BEAT_MS = 15_000

const HEADERS = { ...HERE, "content-type": "text/event-stream" } as const

/** How long the server may take to confirm a stream, ms. */
const CONFIRM_MS = 5_000

/** A stream as it is asked for. */
export interface Wanted {
  readonly grant: Grant
  readonly way: Way
  readonly name: string
  /** Aborts when its client has gone. */
  readonly gone: AbortSignal | undefined
}

/** How many event streams there may be at once. */
interface Bounds {
  readonly maxStreams: number
  readonly maxMonitors: number
}

/** The event streams of a gateway. */
export class Streams {
  readonly #bounds: Bounds
  /** With each, whether a token may listen to it. */
  readonly #open = new Map<Feed, (grant: Grant) => boolean>()
  #monitors = 0
  #ended = false

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get open(): number {
    return this.#open.size
  }

  /** Starts a stream; the answer comes once the server has confirmed it. */
  async start(wanted: Wanted, args: readonly Arg[]): Promise<Answer> {
    const { grant, way, name } = wanted
    const verdict = mayListen(grant, name, args)
    if ("refusal" in verdict) return errorAnswer(400, verdict.refusal)
    if (args.length === 0 && name !== "monitor")
      return errorAnswer(400, `ERR wrong number of arguments for '${name}' command`)
    if (this.#isFull(name))
      return notRunAnswer("ERR the gateway has as many event streams as it takes: try again")
    const { redis } = way
    if (!canLease(redis)) return errorAnswer(400, `ERR Command is not available: '${name.toUpperCase()}'`)
    const feed = new Feed()
    this.#open.set(feed, (now) => isSame(now, grant) && !("refusal" in mayListen(now, name, args)))
    feed.onClose(() => this.#open.delete(feed))
    if (name === "monitor") {
      this.#monitors += 1
      feed.onClose(() => {
        this.#monitors -= 1
      })
    }
    return connect(redis, feed, { name, channels: args.map(textOf), gone: wanted.gone })
  }

  /** Subscriptions share a connection, each MONITOR holds one. */
  #isFull(name: string): boolean {
    const { maxStreams, maxMonitors } = this.#bounds
    if (name === "monitor" && this.#monitors >= maxMonitors) return true
    return this.#ended || this.#open.size >= maxStreams
  }

  /** Ends the streams of tokens that count no more, or that may no longer listen to them. */
  keep(grants: readonly Grant[]): void {
    for (const [feed, isAllowed] of [...this.#open]) if (!grants.some(isAllowed)) feed.close()
  }

  /** Ends all, and starts no more. */
  end(): void {
    this.#ended = true
    for (const feed of [...this.#open.keys()]) feed.close()
  }
}

/** Whether it is the same token, of the same user. */
function isSame(one: Grant, other: Grant): boolean {
  const [user, its] = [one.user, other.user]
  return one.token === other.token && user?.username === its?.username && user?.password === its?.password
}

interface Connecting {
  readonly name: string
  readonly channels: readonly string[]
  readonly gone: AbortSignal | undefined
}

/** Opens the source, and ties its end and the feed's together. A feed that ends meanwhile gives the source up. */
async function connect(redis: Redis, feed: Feed, { name, channels, gone }: Connecting): Promise<Answer> {
  const giveUp = new AbortController()
  const close = (): void => feed.close()
  const late = setTimeout(close, CONFIRM_MS)
  gone?.addEventListener("abort", close)
  if (gone?.aborted) close()
  feed.onClose(() => giveUp.abort())
  try {
    const sink = (event: string): void => feed.event(event)
    const source = await openSource(redis, channels, { name, sink, signal: giveUp.signal })
    const beat = setInterval(() => feed.beat(), BEAT_MS)
    feed.onClose(() => {
      clearInterval(beat)
      source.close()
    })
    void source.ended.then(close)
    return { status: 200, headers: HEADERS, body: feed }
  } catch (error) {
    if (feed.closed) return notRunAnswer("ERR Redis did not confirm the event stream in time: try again")
    feed.close()
    return refused(error)
  } finally {
    clearTimeout(late)
    gone?.removeEventListener("abort", close)
  }
}

function refused(error: unknown): Answer {
  if (!(error instanceof WarmpoolError)) throw error
  if (error instanceof UnsupportedCommandError) return errorAnswer(400, "ERR Command is not available")
  return lossOf([error]) ?? errorAnswer(400, error.message)
}
