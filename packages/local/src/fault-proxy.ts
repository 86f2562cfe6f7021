import { once } from "node:events"
import { createServer, type Server, type Socket } from "node:net"
import { findFreePort } from "./free-port.ts"
import type { Weather } from "./proxy-flow.ts"
import { type Direction, Link, type LinkSetting } from "./proxy-link.ts"
import { checkOptions, placeOf, RedisOptionError } from "./redis-options.ts"
import { type ArmedFault, type CutReplyOptions, type DropReplyOptions, ReplyFault } from "./reply-fault.ts"

const HOST = "127.0.0.1"
const PORTS_TRIED = 10

/** What `startFaultProxy` takes. */
export interface FaultProxyOptions {
  /** Where connections go: what `startRedis` gives, or any host and port. */
  readonly target: { readonly host: string; readonly port: number; readonly url?: string }
  /** @defaultValue a free one */
  readonly port?: number
}

/** What has passed since the start. */
export interface ProxyCounts {
  /** Connections opened by clients, in total. */
  readonly connections: number
  /** Connections that clients have open now. */
  readonly open: number
  /** Commands forwarded to the server. */
  readonly commands: number
  readonly requestBytes: number
  readonly replyBytes: number
}

/** What the network does now, to every connection. */
interface ProxyWeather {
  stalled: boolean
  bytesPerSecond: number
  delayMs: Readonly<Record<Direction, number>>
}

/**
 * Starts a TCP proxy on a loopback port that forwards everything until it is told to do harm.
 *
 * @throws RedisOptionError when an option is wrong.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkOptions("startFaultProxy", options, ["target", "port"])
  if (options.target === undefined)
    throw new RedisOptionError("startFaultProxy: target is missing: what startRedis gives, or { host, port }")
  for (let tried = 1; ; tried++) {
    const port = options.port ?? (await findFreePort())
    const proxy = new FaultProxy(options.target, port)
    try {
      await proxy.accept()
      return proxy
    } catch (error) {
      if (options.port !== undefined || tried === PORTS_TRIED) throw error
    }
  }
}

/** A proxy between clients and a server. Faults can be combined; `heal` ends them all. */
export class FaultProxy implements AsyncDisposable {
  readonly host = HOST
  readonly port: number
  readonly #target: FaultProxyOptions["target"]
  readonly #links = new Set<Link>()
  readonly #setting: LinkSetting
  #server: Server | undefined
  #faults: ReplyFault[] = []
  #counts = { connections: 0, open: 0, commands: 0, requestBytes: 0, replyBytes: 0 }
  #weather: ProxyWeather = { stalled: false, bytesPerSecond: Infinity, delayMs: { requests: 0, replies: 0 } }
  #newLinks: "pass" | "silent" = "pass"
  #waiters: { met: (counts: ProxyCounts) => boolean; resolve(): void; reject(error: Error): void }[] = []

  /** Made by `startFaultProxy`. */
  constructor(target: FaultProxyOptions["target"], port: number) {
    this.#target = target
    this.port = port
    this.#setting = {
      target: { host: target.host, port: target.port },
      weather: (direction) => this.#weatherOf(direction),
      passed: (direction, bytes, commands) => this.#passed(direction, bytes, commands),
      closed: (link, what) => this.#closed(link, what),
    }
  }

  get counts(): ProxyCounts {
    return { ...this.#counts }
  }

  /** A redis URL through the proxy, with the credentials and the database of the given one or of the target's. */
  url(through = this.#target.url ?? "redis://localhost"): string {
    // What stands behind it may be a gateway.
    const url = placeOf("url", through, /^(?:redis|valkey|http)s?:/)
    url.hostname = HOST
    url.port = String(this.port)
    return url.href
  }

  /** Resolves once the counts meet the condition; rejects when the proxy closes first. */
  until(met: (counts: ProxyCounts) => boolean): Promise<void> {
    checkOptions("until", { met }, ["met"])
    return new Promise((resolve, reject) => {
      this.#waiters.push({ met, resolve, reject })
      this.#changed()
    })
  }

  /** Ends every open connection by FIN on both sides; what is still on its way is lost. */
  async cut(): Promise<void> {
    await Promise.all([...this.#links].map((link) => link.cut()))
  }

  /** Ends every open connection by RST on both sides. */
  async reset(): Promise<void> {
    await Promise.all([...this.#links].map((link) => link.reset()))
  }

  /**
   * Swallows every byte, FIN and RST of the open connections, in both directions and for good. New connections pass,
   * or are accepted and just as silent until `heal`.
   */
  silence(options: { readonly newConnections?: "pass" | "silent" } = {}): void {
    checkOptions("silence", options, ["newConnections"])
    this.#newLinks = options.newConnections ?? "pass"
    for (const link of this.#links) link.silence()
  }

  /** Reads nothing on any connection, present or future, until `resume`: the senders' buffers fill. Nothing is lost. */
  stall(): void {
    this.#change({ stalled: true })
  }

  /** Ends a stall. */
  resume(): void {
    this.#change({ stalled: false })
  }

  /** Holds everything back for a while, on every connection, in both directions or as told; 0 ends it. */
  delay(ms: number | { readonly requests?: number; readonly replies?: number }): void {
    const both = typeof ms === "number" ? { requests: ms, replies: ms } : ms
    checkOptions("delay", both, ["requests", "replies"])
    const { requests = 0, replies = 0 } = both
    this.#change({ delayMs: { requests, replies } })
  }

  /** Lets so much through, on every connection and in each direction; `Infinity` ends it. */
  throttle(bytesPerSecond: number): void {
    checkOptions("throttle", { bytesPerSecond }, ["bytesPerSecond"])
    this.#change({ bytesPerSecond })
  }

  /**
   * Lets commands through and drops the reply to the nth, with everything behind it; then goes silent, or ends the
   * connection. Open and new connections are watched; the first to get there is hit.
   */
  dropReply(options: DropReplyOptions = {}): ArmedFault {
    return this.#arm(new ReplyFault({ ...options, afterBytes: 0 }))
  }

  /** Like `dropReply`, but delivers the first bytes of the reply. */
  cutReply(options: CutReplyOptions = {}): ArmedFault {
    return this.#arm(new ReplyFault({ afterBytes: 1, and: "cut", ...options }))
  }

  /** Refuses new connections (ECONNREFUSED); open ones stay. */
  refuse(): void {
    this.#server?.close()
    this.#server = undefined
  }

  /** Accepts new connections again. */
  async accept(): Promise<void> {
    if (this.#server) return
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#connect(client))
    this.#server = server
    server.listen(this.port, HOST)
    try {
      await once(server, "listening")
    } catch (error) {
      this.#server = undefined
      throw error
    }
  }

  /** Ends every fault; connections that were silenced have lost bytes and stay silent. */
  async heal(): Promise<void> {
    for (const fault of this.#faults.splice(0)) fault.lift()
    this.#newLinks = "pass"
    this.#change({ stalled: false, bytesPerSecond: Infinity, delayMs: { requests: 0, replies: 0 } })
    await this.accept()
  }

  /** Resets every connection and stops listening. */
  async close(): Promise<void> {
    this.refuse()
    for (const fault of this.#faults.splice(0)) fault.lift()
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error("the proxy was closed"))
    await this.reset()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #connect(client: Socket): void {
    const link = new Link(client, this.#setting)
    this.#links.add(link)
    for (const fault of this.#faults) link.watch(fault)
    if (this.#newLinks === "silent") link.silence()
    else link.open()
    this.#counts.connections++
    this.#counts.open++
    this.#changed()
  }

  #weatherOf(direction: Direction): Weather {
    const { stalled, bytesPerSecond, delayMs } = this.#weather
    return { stalled, bytesPerSecond, delayMs: delayMs[direction] }
  }

  #change(weather: Partial<ProxyWeather>): void {
    Object.assign(this.#weather, weather)
    for (const link of this.#links) link.adjust()
  }

  #arm(fault: ReplyFault): ArmedFault {
    this.#faults = this.#faults.filter(({ spent }) => !spent)
    this.#faults.push(fault)
    for (const link of this.#links) link.watch(fault)
    return fault
  }

  #passed(direction: Direction, bytes: number, commands: number): void {
    this.#counts[direction === "requests" ? "requestBytes" : "replyBytes"] += bytes
    this.#counts.commands += commands
    this.#changed()
  }

  #closed(link: Link, what: "client" | "both"): void {
    if (what === "client") this.#counts.open--
    else this.#links.delete(link)
    this.#changed()
  }

  #changed(): void {
    if (this.#waiters.length === 0) return
    const met = this.#waiters.filter((waiter) => waiter.met(this.#counts))
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter))
    for (const waiter of met) waiter.resolve()
  }
}
