import type { OwnRedis } from "./own-redis.ts"

/** One node as one node of the cluster sees it. Source: redis.io/commands/cluster-nodes */
export interface NodeView {
  readonly id: string
  readonly port: number
  readonly busPort: number
  readonly role: "master" | "replica"
  /** The id of a replica's master. */
  readonly master: string | undefined
  /** Not failing, not suspected, not still shaking hands. */
  readonly well: boolean
  readonly epoch: number
  /** As the node writes them: `0-5460 [93->-id]`, without what is being moved. */
  readonly slots: string
}

/** Every node, as one node sees them. */
export interface ClusterView {
  readonly self: NodeView
  readonly nodes: readonly NodeView[]
}

export async function viewOf(server: OwnRedis): Promise<ClusterView> {
  const lines = String(await server.command("CLUSTER", "NODES"))
    .split("\n")
    .filter(Boolean)
  const self = lines.find((line) => line.includes("myself")) ?? ""
  return { self: parseNode(self), nodes: lines.map(parseNode) }
}

function parseNode(line: string): NodeView {
  const [id = "", address = "", flags = "", master = "-", , , epoch = "", , ...slots] = line.split(" ")
  const [, port, busPort] = /:(\d+)@(\d+)/.exec(address) ?? []
  return {
    id,
    port: Number(port),
    busPort: Number(busPort),
    role: flags.includes("master") ? "master" : "replica",
    master: master === "-" ? undefined : master,
    well: !/fail|handshake|noaddr/.test(flags),
    epoch: Number(epoch),
    slots: slots.filter((slot) => !slot.startsWith("[")).join(" "),
  }
}

export function hasSlot({ slots }: NodeView, slot: number): boolean {
  return ranges(slots).some(([first, last]) => first <= slot && slot <= last)
}

export function countSlots({ slots }: NodeView): number {
  return ranges(slots).reduce((count, [first, last]) => count + last - first + 1, 0)
}

function ranges(slots: string): readonly (readonly [number, number])[] {
  return slots
    .split(" ")
    .filter(Boolean)
    .map((range) => {
      const [first, last = first] = range.split("-").map(Number)
      return [first ?? 0, last ?? 0]
    })
}

/** How one of the nodes asked sees one of the others otherwise than that one itself; undefined when all agree. */
export function disagreement(views: readonly ClusterView[]): string | undefined {
  for (const { self, nodes } of views) {
    for (const { self: other } of views) {
      const seen = nodes.find(({ id }) => id === other.id)
      if (!seen) return `${self.port} does not know ${other.port}`
      if (!seen.well) return `${self.port} takes ${other.port} for failing`
      const same = seen.role === other.role && seen.master === other.master && seen.slots === other.slots
      if (!same) return `${self.port} has an older view of ${other.port}`
    }
  }
  return undefined
}
