import { ConnectionError, ReplyError, type WarmpoolError } from "@warmpool/core"
import { SLOTS, type Topology } from "@warmpool/core/cluster"
import type { Cluster, NatMap } from "ioredis"

/** How to make the ioredis Cluster that is asked, and how its nodes are reached. */
export interface TopologySource {
  /** For errors: never holds a secret. */
  readonly address: string
  create(): Cluster
  readonly natMap: NatMap | undefined
}

/** What a server says to whom asking again won't help. */
const FINAL =
  /^(?:WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR Client sent AUTH|ERR This instance has cluster)\b/

/**
 * What ioredis' Cluster knows of the cluster. It asks a node for CLUSTER SLOTS on a connection that it closes again, and
 * does nothing else: between two refreshes it holds no socket and no timer.
 */
export class IoredisTopology implements Topology {
  readonly #source: TopologySource
  readonly #owners = new Array<string | undefined>(SLOTS).fill(undefined)
  readonly #listeners = new Set<() => void>()
  #nodes: readonly string[] | undefined = []
  #cluster: Cluster | undefined
  #refreshing: Promise<void> | undefined
  #telling = false

  constructor(source: TopologySource) {
    this.#source = source
  }

  get nodes(): readonly string[] {
    this.#nodes ??= [...new Set(this.#owners)].filter((node) => node !== undefined)
    return this.#nodes
  }

  nodeOf(slot: number): string | undefined {
    return this.#owners[slot]
  }

  reach(told: string): string {
    const { natMap } = this.#source
    const mapped = typeof natMap === "function" ? natMap(told) : natMap?.[told]
    return mapped ? `${mapped.host}:${mapped.port}` : told
  }

  /** Takes a node's word for it, and asks for the rest: where one slot went others may have gone. */
  moved(slot: number, told: string): void {
    const address = this.reach(told)
    if (this.#owners[slot] === address) return
    this.#owners[slot] = address
    this.#changed()
    this.refresh().catch(() => undefined)
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #refresh(): Promise<void> {
    const cluster = this.#cluster ?? this.#source.create()
    this.#cluster = cluster
    let failure: unknown
    const onNodeError = (error: unknown) => {
      failure = error
    }
    cluster.on("node error", onNodeError)
    try {
      if (cluster.status === "wait") await cluster.connect()
      else await ask(cluster)
    } catch (error) {
      // The next one begins with the nodes that were given, their names resolved anew.
      this.#cluster = undefined
      cluster.disconnect()
      throw this.#failureOf(failure ?? error)
    } finally {
      cluster.off("node error", onNodeError)
    }
    this.#adopt(cluster)
    if (this.nodes.length > 0) return
    throw new ConnectionError(
      `the cluster at ${this.#source.address} names no node that serves slots: is it set up, and does it announce addresses (cluster-announce-ip)?`,
      { fate: "unsent" },
    )
  }

  #adopt({ slots }: Cluster): void {
    let changed = false
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const [master] = slots[slot] ?? []
      if (master === undefined || master === this.#owners[slot]) continue
      this.#owners[slot] = master
      changed = true
    }
    if (changed) this.#changed()
  }

  /** Once for all that one batch of replies says. */
  #changed(): void {
    this.#nodes = undefined
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      for (const listener of [...this.#listeners]) listener()
    })
  }

  #failureOf(cause: unknown): WarmpoolError {
    const said = cause instanceof Error ? cause.message : "no reason is known"
    // What ioredis says of a connection that was refused, among others.
    const why = said === "Connection is closed." ? "none lets us connect" : said
    if (FINAL.test(why)) return new ReplyError(why)
    return new ConnectionError(`no node of the cluster at ${this.#source.address} answers: ${why}`, {
      cause,
      fate: "unsent",
    })
  }
}

function ask(cluster: Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    cluster.refreshSlotsCache((error) => (error ? reject(error) : resolve()))
  })
}
