import { Elections } from "./cluster-elections.ts"
import { formCluster, MASTERS } from "./cluster-form.ts"
import { type SlotMove, startMove } from "./cluster-move.ts"
import { type ClusterView, countSlots, disagreement, hasSlot, viewOf } from "./cluster-view.ts"
import { findFreePort } from "./free-port.ts"
import type { OwnRedis } from "./own-redis.ts"
import type { RedisServer } from "./redis.ts"
import { checkOptions } from "./redis-options.ts"
import type { RedisReply } from "./resp-reply.ts"
import { quoted } from "./server-process.ts"
import { answering, brokenLink, firstMissing, Topology, TopologyError } from "./topology.ts"

const SLOTS = 16_384

/** What `startCluster` takes. */
export interface StartClusterOptions {
  /** Further configuration of every node, as on redis-server's command line. */
  readonly args?: readonly string[]
  /** Asked of every client; also part of `url`. */
  readonly password?: string
  /** How long a node may be silent before the others take it for failing. @defaultValue 1_000 */
  readonly nodeTimeoutMs?: number
}

/** A Redis Cluster of three masters and a replica each. It ends when this process ends, however that happens. */
export interface RedisCluster extends AsyncDisposable {
  /** All six; who is a master changes with every failover. */
  readonly nodes: readonly RedisServer[]
  /** Of all nodes at once: `redis+cluster://host:port,host:port,…`. */
  readonly url: string
  /** Of each node: `redis://host:port`. */
  readonly urls: readonly string[]
  /** The nodes that answer and are masters now. */
  masters(): Promise<readonly RedisServer[]>
  /** The nodes that answer and are replicas now. */
  replicas(): Promise<readonly RedisServer[]>
  slotOf(key: string): Promise<number>
  /** The master that serves the key's slot now. */
  nodeOf(key: string): Promise<RedisServer>
  /** Sends one command to one node, and follows no redirection. */
  command(node: RedisServer, ...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply>
  /**
   * Makes a replica the master of its shard, or a master's replica if a master is named: planned, nothing
   * acknowledged is lost. Resolves with the new master once `ready`: in half a second, but a node elected before
   * waits until four seconds (or four node timeouts) have passed since then.
   */
  failover(node: RedisServer): Promise<RedisServer>
  /** SIGKILL; resolves when the process is gone. The others notice after `nodeTimeoutMs`: see `ready`. */
  kill(node: RedisServer): Promise<void>
  /** Starts a node again, empty, and resolves once it has found its place among the others. */
  restart(node: RedisServer): Promise<void>
  /** Resolves once the nodes that answer agree, serve every slot, and every replica is linked. */
  ready(): Promise<void>
  /** Begins to move a slot: its keys stay where they are until they are migrated, and what is missing asks. */
  beginMove(slot: number, to: RedisServer): Promise<SlotMove>
  close(): Promise<void>
}

/**
 * Starts a cluster of six servers on loopback ports and resolves once it is `ready`, which takes a little over two
 * seconds: a fresh master refuses commands for so long. Needs Redis 7 or Valkey.
 *
 * @throws RedisOptionError when an option is wrong.
 * @throws RedisStartError when there is no server to start, or one did not start.
 */
export function startCluster(options: StartClusterOptions = {}): Promise<RedisCluster> {
  return Topology.form(async (topology) => {
    checkOptions("startCluster", options, ["args", "password", "nodeTimeoutMs"])
    const { args = [], password, nodeTimeoutMs = 1_000 } = options
    const config = () => configOf(password, nodeTimeoutMs)
    const settings = password === undefined ? { args, config } : { args, config, password }
    const nodes = await topology.start(2 * MASTERS, settings)
    const cluster = new OwnCluster(nodes, topology, new Elections(nodeTimeoutMs))
    await formCluster(nodes, topology)
    await cluster.ready()
    return cluster
  })
}

async function configOf(password: string | undefined, nodeTimeoutMs: number): Promise<readonly string[]> {
  const lines = [
    "cluster-enabled yes",
    "cluster-announce-ip 127.0.0.1",
    // Where it is by default, 10,000 higher, outgoing connections take their ports.
    `cluster-port ${await findFreePort()}`,
    `cluster-node-timeout ${nodeTimeoutMs}`,
    "repl-diskless-sync-delay 0",
    "repl-backlog-size 64kb",
    // Clients are not told of a replica before it has received something.
    "repl-ping-replica-period 1",
  ]
  return password === undefined ? lines : [...lines, `masterauth ${quoted(password)}`]
}

class OwnCluster implements RedisCluster {
  readonly nodes: readonly OwnRedis[]
  readonly url: string
  readonly urls: readonly string[]
  readonly #topology: Topology
  readonly #elections: Elections

  constructor(nodes: readonly OwnRedis[], topology: Topology, elections: Elections) {
    this.nodes = nodes
    this.urls = nodes.map(({ url }) => url)
    const password = nodes.map(({ url }) => new URL(url).password).find(Boolean)
    const login = password === undefined ? "" : `:${password}@`
    this.url = `redis+cluster://${login}${nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`
    this.#topology = topology
    this.#elections = elections
  }

  async masters(): Promise<readonly OwnRedis[]> {
    return this.#nodesOf((await this.#views()).filter(({ self }) => self.role === "master"))
  }

  async replicas(): Promise<readonly OwnRedis[]> {
    return this.#nodesOf((await this.#views()).filter(({ self }) => self.role === "replica"))
  }

  async slotOf(key: string): Promise<number> {
    const [node] = answering(this.nodes)
    if (!node) throw new TopologyError("no node answers")
    return Number(await node.command("CLUSTER", "KEYSLOT", key))
  }

  async nodeOf(key: string): Promise<OwnRedis> {
    return this.#masterOf(await this.slotOf(key))
  }

  command(node: RedisServer, ...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    return this.#topology.member(node).command(...args)
  }

  async failover(node: RedisServer): Promise<OwnRedis> {
    const replica = await this.#replicaOf(this.#topology.member(node))
    await this.#elections.lapsed(replica)
    await replica.command("CLUSTER", "FAILOVER")
    await this.#topology.until("failover", async () => {
      const { self } = await viewOf(replica)
      return self.role === "master" ? this.#missing() : `${replica.port} is still a replica`
    })
    await this.#elections.note(replica)
    return replica
  }

  kill(node: RedisServer): Promise<void> {
    return this.#topology.member(node).kill()
  }

  async restart(node: RedisServer): Promise<void> {
    const server = this.#topology.member(node)
    await server.restart()
    await this.#topology.until("restart", async () => {
      const [views, link] = await Promise.all([this.#views(), brokenLink(server)])
      return link ?? disagreement(views)
    })
  }

  ready(): Promise<void> {
    return this.#topology.until("the cluster is ready", () => this.#missing())
  }

  async beginMove(slot: number, to: RedisServer): Promise<SlotMove> {
    const [from, target] = [await this.#masterOf(slot), this.#topology.member(to)]
    return startMove({ slot, from, to: target, masters: () => this.masters(), ready: () => this.ready() })
  }

  close(): Promise<void> {
    return this.#topology.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** What the cluster lacks to be ready. */
  async #missing(): Promise<string | undefined> {
    const servers = answering(this.nodes)
    const views = await this.#views()
    const served = views.reduce((sum, { self }) => sum + countSlots(self), 0)
    if (served !== SLOTS) return `${served} slots are served`
    return (
      disagreement(views) ??
      (await firstMissing([...servers.map(brokenLink), ...servers.map((server) => untold(server, views))]))
    )
  }

  #views(): Promise<readonly ClusterView[]> {
    return Promise.all(answering(this.nodes).map(viewOf))
  }

  #nodesOf(views: readonly ClusterView[]): readonly OwnRedis[] {
    return this.nodes.filter(({ port }) => views.some(({ self }) => self.port === port))
  }

  async #masterOf(slot: number): Promise<OwnRedis> {
    const views = (await this.#views()).filter(({ self }) => hasSlot(self, slot))
    // A master that came back may not have heard yet that somebody took its slots.
    const newest = views.toSorted((a, b) => b.self.epoch - a.self.epoch).slice(0, 1)
    const [master] = this.#nodesOf(newest)
    if (!master) throw new TopologyError(`nobody who answers serves slot ${slot}`)
    return master
  }

  async #replicaOf(node: OwnRedis): Promise<OwnRedis> {
    const { self } = await viewOf(node)
    if (self.role === "replica") return node
    const [replica] = this.#nodesOf((await this.#views()).filter((view) => view.self.master === self.id))
    if (!replica) throw new TopologyError(`${node.port} has no replica that answers`)
    return replica
  }
}

/** What a node does not tell its clients yet. */
async function untold(server: OwnRedis, views: readonly ClusterView[]): Promise<string | undefined> {
  const info = String(await server.command("CLUSTER", "INFO"))
  if (!info.includes("cluster_state:ok")) return `${server.port} says that the cluster is down`
  const told = JSON.stringify(await server.command("CLUSTER", "SLOTS"))
  const replica = views.find(({ self }) => self.role === "replica" && !told.includes(self.id))
  return replica && `${server.port} does not tell of ${replica.self.port} yet`
}
