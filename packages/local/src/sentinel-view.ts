import type { OwnRedis } from "./own-redis.ts"

type Fields = Readonly<Record<string, string>>

/** What one sentinel says of the master and its replicas. Source: redis.io/docs/latest/operate/oss_and_stack/management/sentinel */
export interface SentinelView {
  readonly masterPort: number
  /** The master's flags: `master` alone when nothing is wrong and no failover goes on. */
  readonly flags: string
  /** Ports of the replicas that it finds in order. */
  readonly replicas: readonly number[]
  /** Ports of the other sentinels that it finds in order. */
  readonly sentinels: readonly number[]
}

export async function viewOf(sentinel: OwnRedis, name: string): Promise<SentinelView> {
  const [master, replicas, sentinels] = await Promise.all([
    sentinel.command("SENTINEL", "MASTER", name),
    sentinel.command("SENTINEL", "REPLICAS", name),
    sentinel.command("SENTINEL", "SENTINELS", name),
  ])
  const { port, flags = "" } = fieldsOf(master)
  const linked = tableOf(replicas).filter((replica) => replica["master-link-status"] === "ok")
  return {
    masterPort: Number(port),
    flags,
    replicas: portsOf(linked, "slave"),
    sentinels: portsOf(tableOf(sentinels), "sentinel"),
  }
}

function portsOf(table: readonly Fields[], flags: string): readonly number[] {
  return table.filter((row) => row["flags"] === flags).map((row) => Number(row["port"]))
}

function tableOf(reply: unknown): readonly Fields[] {
  return Array.isArray(reply) ? reply.map(fieldsOf) : []
}

/** Of a flat list of names and values. */
function fieldsOf(reply: unknown): Fields {
  const flat = Array.isArray(reply) ? reply.map(String) : []
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : [])))
}
