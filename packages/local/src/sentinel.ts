import type { OwnRedis } from "./own-redis.ts"
import type { RedisServer } from "./redis.ts"
import { checkOptions, RedisOptionError } from "./redis-options.ts"
import type { RedisReply } from "./resp-reply.ts"
import { type SentinelView, viewOf } from "./sentinel-view.ts"
import { quoted } from "./server-process.ts"
import { answering, brokenLink, firstMissing, Topology, TopologyError } from "./topology.ts"

const REPLICAS = 2
const SENTINELS = 3
const QUORUM = 2
/**
 * Everything more often than by default, but not so often that failovers fail: while one goes on, replicas are asked
 * for INFO every second, whatever the periods say, and a replica is only chosen if its INFO is younger than three
 * INFO or five PING periods; its promotion is undone unless it is seen within four PUBLISH periods. In tilt, when this
 * machine stood still for two seconds, a sentinel does nothing for one second instead of thirty.
 * Source: sentinelSelectSlave, sentinelRefreshInstanceInfo, sentinelSendPeriodicCommands in redis' sentinel.c
 */
const HURRY = "INFO-PERIOD 400 PING-PERIOD 250 ASK-PERIOD 100 PUBLISH-PERIOD 500 TILT-PERIOD 1000".split(" ")

/** What `startSentinel` takes. */
export interface StartSentinelOptions {
  /** Further configuration of the data nodes, as on redis-server's command line. */
  readonly args?: readonly string[]
  /** Under which the sentinels know the master. @defaultValue "mymaster" */
  readonly name?: string
  /** Of the data nodes. Like the other without spaces and quotes. */
  readonly password?: string
  /** Of the sentinels, asked of clients and of each other. */
  readonly sentinelPassword?: string
  /** How long a node may be silent before a sentinel takes it for down. @defaultValue 1_000 */
  readonly downAfterMs?: number
  /** How long a step of a failover may take; twice as long until the next try. @defaultValue 2_000 */
  readonly failoverTimeoutMs?: number
}

/** A master, two replicas, and three sentinels that watch them; they end when this process ends, however that happens. */
export interface SentinelRedis extends AsyncDisposable {
  readonly name: string
  /** Master and replicas; who is the master changes with every failover. */
  readonly nodes: readonly RedisServer[]
  readonly sentinels: readonly RedisServer[]
  /** The node that the sentinels call master now: one that was killed until they notice. */
  master(): Promise<RedisServer>
  /** The other nodes that answer. */
  replicas(): Promise<readonly RedisServer[]>
  /** Sends one command to one node or sentinel. */
  command(node: RedisServer, ...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply>
  /** `SENTINEL FAILOVER`: makes a replica the master. Resolves with the new master once `ready`. */
  failover(): Promise<RedisServer>
  /** SIGKILL; resolves when the process is gone. The sentinels notice after `downAfterMs`: see `ready`. */
  kill(node: RedisServer): Promise<void>
  /** Starts a node or sentinel again, a node empty, and resolves once all is `ready`. */
  restart(node: RedisServer): Promise<void>
  /** Resolves once those who answer agree: one master, the others its linked replicas, no failover under way. */
  ready(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts six servers on loopback ports and resolves once they are `ready`.
 *
 * @throws RedisOptionError when an option is wrong.
 * @throws RedisStartError when there is no server to start, or one did not start.
 */
export async function startSentinel(options: StartSentinelOptions = {}): Promise<SentinelRedis> {
  const names = ["args", "name", "password", "sentinelPassword", "downAfterMs", "failoverTimeoutMs"]
  checkOptions("startSentinel", options, names)
  // A sentinel rewrites its own file, and does not quote what it writes there.
  if (/[\s"'\\]/.test(`${options.name}${options.password}${options.sentinelPassword}`)) {
    throw new RedisOptionError(
      "startSentinel: a sentinel takes no spaces, quotes or backslashes in its name and passwords",
    )
  }
  return Topology.form(async (topology) => {
    const { args = [], password, sentinelPassword, name = "mymaster" } = options
    const login = password === undefined ? [] : [`masterauth ${quoted(password)}`]
    const lines = [...login, "repl-diskless-sync-delay 0", "repl-backlog-size 64kb"]
    const data = password === undefined ? { args } : { args, password }
    const [master] = await topology.start(1, { ...data, config: async () => lines })
    if (!master) throw new TopologyError("no master was started")
    const replicaOf = `replicaof ${master.host} ${master.port}`
    const replicas = await topology.start(REPLICAS, { ...data, config: async () => [...lines, replicaOf] })
    // Sentinels find replicas through their master: later ones they would find later.
    await topology.until("the replicas are linked", () => firstMissing(replicas.map(brokenLink)))
    const watched = async () => watch(master, { ...options, name })
    const settings = { args: ["--sentinel"], config: watched }
    const guarded = sentinelPassword === undefined ? settings : { ...settings, password: sentinelPassword }
    const sentinels = await topology.start(SENTINELS, guarded)
    await Promise.all(sentinels.map(hurry))
    const redis = new OwnSentinelRedis(name, { nodes: [master, ...replicas], sentinels, topology })
    await redis.ready()
    return redis
  })
}

/** A sentinel's lines for this master. */
function watch(
  { host, port }: OwnRedis,
  options: StartSentinelOptions & { readonly name: string },
): string[] {
  const { name, password, sentinelPassword, downAfterMs = 1_000, failoverTimeoutMs = 2_000 } = options
  const lines = [
    `sentinel monitor ${name} ${host} ${port} ${QUORUM}`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} ${failoverTimeoutMs}`,
    `sentinel parallel-syncs ${name} ${REPLICAS}`,
  ]
  if (password !== undefined) lines.push(`sentinel auth-pass ${name} ${quoted(password)}`)
  if (sentinelPassword !== undefined) lines.push(`sentinel sentinel-pass ${quoted(sentinelPassword)}`)
  return lines
}

async function hurry(sentinel: OwnRedis): Promise<void> {
  // Unknown before Redis 7: everything takes some seconds longer then.
  await sentinel.command("SENTINEL", "DEBUG", ...HURRY).catch(() => undefined)
}

interface Members {
  readonly nodes: readonly OwnRedis[]
  readonly sentinels: readonly OwnRedis[]
  readonly topology: Topology
}

class OwnSentinelRedis implements SentinelRedis {
  readonly name: string
  readonly nodes: readonly OwnRedis[]
  readonly sentinels: readonly OwnRedis[]
  readonly #topology: Topology

  constructor(name: string, { nodes, sentinels, topology }: Members) {
    this.name = name
    this.nodes = nodes
    this.sentinels = sentinels
    this.#topology = topology
  }

  async master(): Promise<OwnRedis> {
    const { masterPort } = await viewOf(this.#sentinel(), this.name)
    return this.#node(masterPort)
  }

  async replicas(): Promise<readonly OwnRedis[]> {
    const master = await this.master()
    return answering(this.nodes).filter((node) => node !== master)
  }

  command(node: RedisServer, ...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    return this.#topology.member(node).command(...args)
  }

  async failover(): Promise<OwnRedis> {
    const old = await this.master()
    await this.#sentinel().command("SENTINEL", "FAILOVER", this.name)
    await this.#topology.until("failover", async () => {
      const views = await this.#views()
      const waiting = views.find(({ masterPort }) => masterPort === old.port)
      return waiting ? `${old.port} is still the master` : this.#missing(views)
    })
    return this.master()
  }

  kill(node: RedisServer): Promise<void> {
    return this.#topology.member(node).kill()
  }

  async restart(node: RedisServer): Promise<void> {
    const server = this.#topology.member(node)
    await server.restart()
    if (this.sentinels.includes(server)) await hurry(server)
    await this.ready()
  }

  ready(): Promise<void> {
    return this.#topology.until("the sentinels are ready", async () => this.#missing(await this.#views()))
  }

  close(): Promise<void> {
    return this.#topology.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #sentinel(): OwnRedis {
    const [sentinel] = answering(this.sentinels)
    if (!sentinel) throw new TopologyError("no sentinel answers")
    return sentinel
  }

  #node(masterPort: number): OwnRedis {
    const node = this.nodes.find(({ port }) => port === masterPort)
    if (!node) throw new TopologyError(`the sentinels name a master that is not ours: ${masterPort}`)
    return node
  }

  #views(): Promise<readonly SentinelView[]> {
    return Promise.all(answering(this.sentinels).map((sentinel) => viewOf(sentinel, this.name)))
  }

  /** What is lacking to be ready. */
  async #missing(views: readonly SentinelView[]): Promise<string | undefined> {
    const [port] = views.map(({ masterPort }) => masterPort)
    const master = answering(this.nodes).find((node) => node.port === port)
    if (!master) return "the master does not answer"
    const replicas = answering(this.nodes).filter((node) => node !== master)
    const others = answering(this.sentinels).length - 1
    for (const { masterPort, flags, ...seen } of views) {
      if (masterPort !== port) return "the sentinels name different masters"
      if (flags !== "master") return `a sentinel calls the master ${flags}`
      if (seen.sentinels.length < others)
        return `a sentinel sees ${seen.sentinels.length} of ${others} others`
      const unseen = replicas.find((replica) => !seen.replicas.includes(replica.port))
      if (unseen) return `a sentinel does not see that ${unseen.port} is a linked replica`
    }
    const [role] = await roleOf(master)
    if (role !== "master") return `${master.port} is no master yet`
    return firstMissing(replicas.map((replica) => stray(replica, master)))
  }
}

/** Why a node is not a linked replica of the master. */
async function stray(node: OwnRedis, master: OwnRedis): Promise<string | undefined> {
  const [, , port, link] = await roleOf(node)
  return port === master.port && link === "connected" ? undefined : `${node.port} does not follow the master`
}

/** Source: redis.io/commands/role */
async function roleOf(node: OwnRedis): Promise<readonly RedisReply[]> {
  const reply = await node.command("ROLE")
  return Array.isArray(reply) ? reply : []
}
