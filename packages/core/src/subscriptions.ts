import { ping, within } from "./ask.ts"
import { backoffMs } from "./backoff.ts"
import type { Entry } from "./entry.ts"
import {
  AcquireTimeoutError,
  ConnectionError,
  type PoolClosedError,
  UnsupportedCommandError,
} from "./errors.ts"
import type { Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"
import type { Leases } from "./leases.ts"
import type { Limits } from "./limits.ts"
import { isHopeless, isRefusal } from "./retry.ts"
import {
  checkSubscribing,
  Feed,
  type Kind,
  type Message,
  type SubscribeOptions,
  type Subscription,
} from "./subscription.ts"
import type { Reply, Request } from "./transport.ts"

/** How long a connection that only listens may be silent before it is asked for a sign of life, ms. */
const HEARTBEAT_MS = 10_000

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** What the server calls messages. */
const KINDS: ReadonlyMap<string | undefined, Kind> = new Map([
  ["message", ""],
  ["pmessage", "p"],
  ["smessage", "s"],
])

/** What subscriptions rest on. */
export interface SubscriptionParts {
  readonly leases: Leases
  readonly limits: Limits
  readonly place: (() => Promise<() => string | undefined>) | undefined
}

/** All subscriptions of one client, on one connection, which is subscribed anew when it is lost. */
export class Subscriptions {
  readonly #surroundings: Surroundings
  readonly #leases: Leases
  readonly #limits: Limits
  readonly #place: SubscriptionParts["place"]
  readonly #feeds = new Set<Feed>()
  #entry: Entry | undefined
  #opening = false
  #failures = 0
  #lost = false
  #timer: Timer | undefined

  /** @param parts.place - Of a cluster: finds the node to subscribe to. */
  constructor(surroundings: Surroundings, { leases, limits, place }: SubscriptionParts) {
    this.#surroundings = surroundings
    this.#leases = leases
    this.#limits = limits
    this.#place = place
  }

  /**
   * Subscribes from now on.
   *
   * @throws ArgumentError for names that are none, or a wrong option.
   */
  open(kind: Kind, names: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    const { list, signal, maxBuffered } = checkSubscribing(kind, names, options)
    const onAbort = (): void => feed.fail(signal?.reason)
    const onEnd = (): void => {
      signal?.removeEventListener("abort", onAbort)
      this.#leave(feed)
    }
    const feed = new Feed(kind, list, { maxBuffered, onEnd })
    if (signal?.aborted) {
      feed.fail(signal.reason)
      return feed
    }
    signal?.addEventListener("abort", onAbort)
    this.#feeds.add(feed)
    if (this.#entry) this.#subscribe(this.#entry, [feed])
    else void this.#connect()
    return feed
  }

  /** Ends all. */
  end(reason: PoolClosedError): void {
    for (const feed of [...this.#feeds]) feed.finish(reason)
  }

  async #connect(): Promise<void> {
    if (this.#opening || this.#timer) return
    this.#opening = true
    try {
      const entry = await this.#leases.acquire({
        timeoutMs: this.#limits.acquireTimeoutMs,
        signal: undefined,
        place: this.#place,
      })
      this.#opening = false
      this.#adopt(entry)
    } catch (error) {
      this.#opening = false
      this.#failed(error)
    }
  }

  #adopt(entry: Entry): void {
    if (entry.state === "closed") {
      this.#leases.release(entry)
      this.#rest()
      return
    }
    if (this.#feeds.size === 0 || entry.connection.onPush === undefined) {
      this.#leases.release(entry)
      const missing = new UnsupportedCommandError(
        "SUBSCRIBE: this transport has no subscriptions: use one over TCP",
      )
      for (const feed of [...this.#feeds]) feed.fail(missing)
      return
    }
    this.#entry = entry
    entry.onGone = () => this.#gone(entry)
    entry.connection.onPush((push) => this.#deliver(push))
    this.#subscribe(entry, [...this.#feeds])
    const { events } = this.#surroundings
    if (this.#lost && events.wanted("gap")) events.emit("gap", { subscriptions: this.#feeds.size })
    this.#lost = false
    // Whoever listened to the gap may have ended the last subscription.
    if (this.#entry === entry) this.#beat(entry)
  }

  /** One command for each name, so that each has one confirmation. */
  #subscribe(entry: Entry, feeds: readonly Feed[]): void {
    for (const feed of feeds) {
      let left = feed.names.length
      entry.connection.send(
        feed.names.map((name) =>
          order([`${feed.kind}SUBSCRIBE`.toUpperCase(), name], (refusal) => {
            left -= 1
            // A connection that only opened proves nothing: waits go on growing until the server has answered.
            if (!refusal) this.#failures = 0
            if (refusal) this.#refused(entry, feed, refusal)
            else if (left === 0) feed.confirm()
          }),
        ),
      )
    }
  }

  /** A node of a cluster that says to go elsewhere, or to come later, is left; another server's refusal is final. */
  #refused(entry: Entry, feed: Feed, refusal: Error): void {
    if (this.#place && isRefusal(refusal)) entry.connection.destroy(new ConnectionError(refusal.message))
    else feed.fail(refusal)
  }

  #leave(feed: Feed): void {
    this.#feeds.delete(feed)
    const entry = this.#entry
    if (this.#feeds.size === 0) {
      this.#lost = false
      this.#letGo()
      if (entry) this.#leases.discard(entry)
      return
    }
    if (entry === undefined) return
    const unused = feed.names.filter(
      (name) => ![...this.#feeds].some((other) => holds(other, feed.kind, name)),
    )
    const command = `${feed.kind}UNSUBSCRIBE`.toUpperCase()
    entry.connection.send(unused.map((name) => order([command, name], () => undefined)))
  }

  #deliver(push: readonly Reply[]): void {
    const [type, ...rest] = push.map((part) =>
      part instanceof Uint8Array ? decoder.decode(part) : String(part),
    )
    // Unasked: the slot of a shard channel has left the node.
    if (type === "sunsubscribe") this.#entry?.connection.destroy(new ConnectionError("the channel has moved"))
    const kind = KINDS.get(type)
    if (kind === undefined) return
    const [name = "", channel = "", text = ""] = kind === "p" ? rest : [rest[0], rest[0], rest[1]]
    const message: Message =
      kind === "p" ? { channel, message: text, pattern: name } : { channel, message: text }
    for (const feed of [...this.#feeds]) if (holds(feed, kind, name)) feed.push(message)
  }

  #gone(entry: Entry): void {
    this.#leases.discard(entry)
    if (this.#entry !== entry) return
    this.#lost = true
    this.#letGo()
    this.#rest()
  }

  #letGo(): void {
    this.#entry = undefined
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Before the first connection an error ends the subscriptions; afterwards only one that trying again can't mend. */
  #failed(error: unknown): void {
    if (this.#lost && (error instanceof AcquireTimeoutError || !isHopeless(error))) {
      this.#rest()
      return
    }
    for (const feed of [...this.#feeds]) feed.fail(error)
  }

  #rest(): void {
    if (this.#feeds.size === 0) return
    const { host, events } = this.#surroundings
    this.#failures += 1
    const inMs = backoffMs(this.#failures)
    if (events.wanted("retry")) events.emit("retry", { what: "subscriptions", count: this.#feeds.size, inMs })
    this.#timer = host.after(inMs, () => {
      this.#timer = undefined
      if (this.#feeds.size > 0) void this.#connect()
    })
  }

  /** Whoever only listens would never learn that the connection is gone; after a freeze the timer is overdue at once. */
  #beat(entry: Entry): void {
    const { host } = this.#surroundings
    this.#timer = host.after(HEARTBEAT_MS, () => {
      this.#timer = undefined
      void this.#check(entry)
    })
  }

  async #check(entry: Entry): Promise<void> {
    const { host } = this.#surroundings
    await host.turn()
    const silent = entry.silentMs(host.now()) >= HEARTBEAT_MS
    const alive = !silent || (await within(host, this.#limits.validateTimeoutMs, ping(entry.connection)))
    if (this.#entry !== entry) return
    if (alive) this.#beat(entry)
    else entry.connection.destroy(new ConnectionError("a subscribed connection no longer answers"))
  }
}

function holds(feed: Feed, kind: Kind, name: string): boolean {
  return feed.kind === kind && feed.names.includes(name)
}

/** A command of our own; the connection's end tells of its loss. */
function order(args: readonly string[], done: (refusal?: Error) => void): Request {
  return { args, decode: "bytes", resolve: () => done(), reject: done, lose: () => undefined }
}
