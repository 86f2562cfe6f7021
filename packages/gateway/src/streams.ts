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

/** Who listens, over which client. */
export interface Listener {
  readonly grant: Grant
  readonly way: Way
}

/** The event streams of a gateway. */
export class Streams {
  readonly #most: number
  readonly #open = new Map<Feed, Grant>()
  #ended = false

  constructor(most: number) {
    this.#most = most
  }

  get open(): number {
    return this.#open.size
  }

  /** Starts a stream; the answer comes once the server has confirmed it. */
  async start({ grant, way }: Listener, name: string, args: readonly Arg[]): Promise<Answer> {
    const verdict = mayListen(grant, name, args)
    if ("refusal" in verdict) return errorAnswer(400, verdict.refusal)
    if (args.length === 0 && name !== "monitor")
      return errorAnswer(400, `ERR wrong number of arguments for '${name}' command`)
    if (this.#ended || this.#open.size >= this.#most)
      return notRunAnswer("ERR the gateway has as many event streams as it takes: try again")
    const { redis } = way
    if (!canLease(redis)) return errorAnswer(400, `ERR Command is not available: '${name.toUpperCase()}'`)
    const feed = new Feed()
    this.#open.set(feed, grant)
    feed.onClose(() => this.#open.delete(feed))
    try {
      await connect(redis, feed, { name, channels: args.map(textOf) })
    } catch (error) {
      feed.close()
      return refused(error)
    }
    return { status: 200, headers: HEADERS, body: feed }
  }

  /** Ends the streams of tokens that count no more. */
  keep(grants: readonly Grant[]): void {
    const tokens = new Set(grants.map(({ token }) => token))
    for (const [feed, { token }] of [...this.#open]) if (!tokens.has(token)) feed.close()
  }

  /** Ends all, and starts no more. */
  end(): void {
    this.#ended = true
    for (const feed of [...this.#open.keys()]) feed.close()
  }
}

/** Opens the source, and ties its end and the feed's together. */
async function connect(redis: Redis, feed: Feed, { name, channels }: Wanted): Promise<void> {
  const source = await openSource(redis, channels, { name, sink: (event) => feed.event(event) })
  const beat = setInterval(() => feed.beat(), BEAT_MS)
  feed.onClose(() => {
    clearInterval(beat)
    source.close()
  })
  void source.ended.then(() => feed.close())
}

interface Wanted {
  readonly name: string
  readonly channels: readonly string[]
}

function refused(error: unknown): Answer {
  if (!(error instanceof WarmpoolError)) throw error
  if (error instanceof UnsupportedCommandError) return errorAnswer(400, "ERR Command is not available")
  return lossOf([error]) ?? errorAnswer(400, error.message)
}
