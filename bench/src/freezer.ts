import { once } from "node:events"
import { connect } from "node:net"
import { type FaultProxy, type RedisServer, startFaultProxy } from "@warmpool/local"
import type { Contestant } from "./contestants.ts"
import { COUNTER, KEYS_OF } from "./data.ts"
import { median } from "./measurement.ts"
import type { Outcome } from "./peer/first.ts"
import { Peer } from "./peer/peer.ts"

/** What happens to the connection while its process is frozen. */
export type Ending = "closed" | "reset" | "silent" | "alive"

/** The command that waits for the thaw. */
export type FirstCommand = "GET" | "INCR"

/** One process to freeze over and over. */
export interface Frozen {
  readonly ending: Ending
  readonly command: FirstCommand
  readonly contestant: Contestant
  /** Its figure's name. */
  readonly what: string
}

const [KEY = ""] = KEYS_OF["10 B"]

/** A process with a client in it, and the proxy through which its connections are ended. */
export class Freezer implements AsyncDisposable {
  readonly what: string
  readonly name: string
  readonly ending: Ending
  /** How first commands ended that had no reply. */
  readonly failures: string[] = []
  readonly #command: FirstCommand
  readonly #peer: Peer
  readonly #proxy: FaultProxy

  private constructor({ what, ending, command, contestant }: Frozen, peer: Peer, proxy: FaultProxy) {
    this.what = what
    this.name = contestant.name
    this.ending = ending
    this.#command = command
    this.#peer = peer
    this.#proxy = proxy
  }

  static async start(wanted: Frozen, server: RedisServer): Promise<Freezer> {
    const proxy = await startFaultProxy({ target: server })
    try {
      const url = wanted.ending === "alive" ? server.url : proxy.url(server.url)
      return new Freezer(wanted, await Peer.start(wanted.contestant, url), proxy)
    } catch (error) {
      await proxy.close()
      throw error
    }
  }

  /** Starts many, which end together. */
  static async startAll(
    wanted: readonly Frozen[],
    server: RedisServer,
  ): Promise<AsyncDisposable & { readonly all: readonly Freezer[] }> {
    const started = await Promise.allSettled(wanted.map((one) => Freezer.start(one, server)))
    const all = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    const end = async () => {
      await Promise.all(all.map((freezer) => freezer[Symbol.asyncDispose]()))
    }
    const failed = started.find((one) => one.status === "rejected")
    if (!failed) return { all, [Symbol.asyncDispose]: end }
    await end()
    throw failed.reason
  }

  /** Where the client connects to. */
  get port(): number {
    return this.#proxy.port
  }

  roundTrip(): Promise<number> {
    return this.#peer.ask("roundTrip", {})
  }

  /** Stops the process, and does to its connections what is to be done. */
  async freeze(): Promise<void> {
    await this.#peer.freeze()
    if (this.ending === "closed") await this.#proxy.cut()
    if (this.ending === "reset") await this.#proxy.reset()
    if (this.ending === "silent") this.#proxy.silence()
  }

  /** Hands the process its command, lets it run, and waits for the end of the command. */
  async thaw(giveUpMs: number): Promise<Outcome> {
    const key = this.#command === "GET" ? KEY : `${COUNTER}:${this.name}`
    const asked = this.#peer.ask("first", { command: this.#command, key, giveUpMs })
    this.#peer.thaw()
    const outcome = await asked
    if (outcome.ended !== "reply") {
      this.failures.push(typeof outcome.ended === "string" ? outcome.ended : outcome.ended.error)
    }
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]()
    await this.#proxy.close()
  }
}

const CONNECTS = 11

/** What a TCP connect to a local port takes, ms, median. */
export async function connectMs(port: number): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < CONNECTS; turn += 1) {
    const startedAt = performance.now()
    const socket = connect({ port, host: "127.0.0.1" })
    await once(socket, "connect")
    times.push(performance.now() - startedAt)
    socket.destroy()
  }
  return median(times)
}
