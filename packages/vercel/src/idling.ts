import type { PortableRedis } from "@warmpool/core"
import { closeIdle } from "@warmpool/core/idle"
import type { PlatformRequest } from "./request-context.ts"

/** What becomes of connections once the last request is over: all are closed, all but the shared one, or none. */
export type OnIdle = "close" | "surplus" | "keep"

/** How long the instance is kept up for a lease that is held and not used: then it counts as leaked, ms. */
const LEAK_MS = 30_000

/** When connections are closed, and which. */
export interface IdlingOptions {
  readonly onIdle: Exclude<OnIdle, "keep">
  /** How long the client must have been unused. */
  readonly lingerMs: number
}

/** Requests that used the client in one stretch of time, and what they wait for. */
class Hold {
  readonly requests = new Set<PlatformRequest>()
  readonly over = Promise.withResolvers<void>()
}

/**
 * Closes a client's connections once the last request is over, before the platform suspends the instance. Every request
 * that used the client waits for that by its own `waitUntil`; under lasting load, until a later request waits in its
 * place. No timer runs on: a suspended instance has none.
 */
export class Idling {
  readonly #redis: PortableRedis
  readonly #options: IdlingOptions
  /** Those that no later request has relieved yet. */
  #earlier: Hold[] = []
  #hold: Hold | undefined
  #last: PlatformRequest | undefined
  #used = false
  #watching = false

  constructor(redis: PortableRedis, options: IdlingOptions) {
    this.#redis = redis
    this.#options = options
  }

  /** The client is used by this request; called for every command. */
  use(request: PlatformRequest): void {
    this.#used = true
    if (request === this.#last) return
    if (typeof request.waitUntil !== "function") return
    this.#last = request
    this.#hold ??= new Hold()
    if ([this.#hold, ...this.#earlier].some(({ requests }) => requests.has(request))) return
    this.#hold.requests.add(request)
    request.waitUntil(this.#hold.over.promise)
    this.#relieve()
    if (this.#watching) return
    this.#watching = true
    void this.#watch()
  }

  /** Looks every so often until nobody has used the client for as long, and its connections are closed. */
  async #watch(): Promise<void> {
    const { onIdle, lingerMs } = this.#options
    let idleSince = Number.POSITIVE_INFINITY
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, lingerMs))
      if (this.#used) {
        this.#begin()
        continue
      }
      idleSince = Math.min(idleSince, Date.now())
      const { connections, pending } = await closeIdle(this.#redis, onIdle === "close" ? "all" : "leased")
      if (this.#used) idleSince = Number.POSITIVE_INFINITY
      else if (connections === 0 && !pending) break
      else if (!pending && Date.now() - idleSince > LEAK_MS) break
    }
    this.#watching = false
    this.#begin()
    this.#relieve()
  }

  /** A new stretch of time: its requests relieve those before. */
  #begin(): void {
    this.#used = false
    if (this.#hold) this.#earlier.push(this.#hold)
    this.#hold = undefined
    this.#last = undefined
  }

  #relieve(): void {
    const earlier = this.#earlier
    this.#earlier = []
    for (const { over } of earlier) over.resolve()
  }
}
