import { setTimeout as wait } from "node:timers/promises"
import { type Home, openHome } from "./home.ts"
import { type OwnRedis, type ServerSettings, startServer } from "./own-redis.ts"
import type { RedisServer } from "./redis.ts"

/** Longer than any failover with default timeouts, shorter than most test runners wait. */
const WITHIN_MS = 15_000
const EVERY_MS = 15

/** Servers did not come to the state that they were asked for, or a node was named that is not one of them. */
export class TopologyError extends Error {
  override readonly name = "TopologyError"
  readonly code = "ERR_TOPOLOGY"
}

/** Servers that belong together: they start, end and are waited for as one. */
export class Topology {
  readonly #home: Home
  readonly #servers: OwnRedis[] = []
  #closed: Promise<void> | undefined

  constructor(home: Home) {
    this.#home = home
  }

  /**
   * Opens a topology and lets `form` make something of it.
   *
   * @throws what `form` throws; then nothing is left of it.
   */
  static async form<T>(form: (topology: Topology) => Promise<T>): Promise<T> {
    const topology = new Topology(await openHome())
    try {
      return await form(topology)
    } catch (error) {
      await topology.close()
      throw error
    }
  }

  /** Starts as many servers with the same settings, all at once. */
  async start(count: number, settings: ServerSettings): Promise<readonly OwnRedis[]> {
    const starts = Array.from({ length: count }, async () => {
      const server = await startServer(this.#home, settings)
      this.#servers.push(server)
      return server
    })
    const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected")
    if (failed) throw failed.reason
    return Promise.all(starts)
  }

  /** @throws TopologyError when the server is none of these. */
  member(server: RedisServer): OwnRedis {
    const found = this.#servers.find((one) => one === server)
    if (!found) throw new TopologyError(`${server.host}:${server.port} is not one of these servers`)
    return found
  }

  /**
   * Asks again and again what is missing, until nothing is: states of a server have no event.
   *
   * @throws TopologyError with what was missing last.
   */
  async until(what: string, missing: () => Promise<string | undefined>, withinMs = WITHIN_MS): Promise<void> {
    const endsAt = Date.now() + withinMs
    let last = "no answer"
    const late = Promise.withResolvers<string>()
    const timer = setTimeout(() => late.resolve(last), withinMs)
    try {
      while (Date.now() < endsAt) {
        if (this.#closed) throw new TopologyError("closed meanwhile")
        // A server that is paused meanwhile doesn't answer, one that is killed answers with an error.
        const reason = await Promise.race([missing().catch((error: Error) => error.message), late.promise])
        if (reason === undefined) return
        last = reason
        await wait(EVERY_MS)
      }
    } finally {
      clearTimeout(timer)
    }
    throw new TopologyError(`${what}: not within ${withinMs} ms; ${last}`)
  }

  /** Ends every server and removes what they left. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
    await this.#home.guard.close()
  }
}

/** The servers that run and are not paused. */
export function answering(servers: readonly OwnRedis[]): readonly OwnRedis[] {
  return servers.filter((server) => server.answering)
}

/** The first of `reasons` that says something is missing; all are asked at once. */
export async function firstMissing(
  reasons: Iterable<Promise<string | undefined>>,
): Promise<string | undefined> {
  return (await Promise.all(reasons)).find((reason) => reason !== undefined)
}

/** What a node calls the replication link to its master: undefined when it is up or there is none. */
export async function brokenLink(server: OwnRedis): Promise<string | undefined> {
  const replication = String(await server.command("INFO", "replication"))
  if (!replication.includes("role:slave")) return undefined
  const linked = replication.includes("master_link_status:up")
  return linked ? undefined : `${server.port} is not linked to its master`
}
