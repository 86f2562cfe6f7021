import { viewOf } from "./cluster-view.ts"
import type { OwnRedis } from "./own-redis.ts"
import type { RedisServer } from "./redis.ts"

const MIGRATE_WITHIN_MS = 5_000
const KEYS_AT_ONCE = 1_000

/** A slot on its way from one master to another. A key that is no longer, or not yet, at `from` is answered ASK. */
export interface SlotMove {
  readonly slot: number
  readonly from: RedisServer
  readonly to: RedisServer
  /** Moves these keys of the slot; all if none is named. */
  migrate(...keys: readonly string[]): Promise<void>
  /** Moves the keys that are left, gives the slot to `to`, and resolves once all nodes know: `from` answers MOVED. */
  finish(): Promise<void>
  /** Leaves the slot where it was and brings the keys back; until then they are missing. */
  cancel(): Promise<void>
}

/** What a move needs of its cluster. */
export interface MovePlan {
  readonly slot: number
  readonly from: OwnRedis
  readonly to: OwnRedis
  masters(): Promise<readonly OwnRedis[]>
  ready(): Promise<void>
}

export async function startMove(plan: MovePlan): Promise<SlotMove> {
  const { slot, from, to } = plan
  const [source, target] = await Promise.all([idOf(from), idOf(to)])
  await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source)
  await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target)
  return {
    slot,
    from,
    to,
    migrate: (...keys) => (keys.length > 0 ? migrate(from, to, keys) : migrateAll(plan)),
    async finish() {
      await migrateAll(plan)
      const others = (await plan.masters()).filter((master) => master !== from && master !== to)
      // In this order no moment is without an owner, and `from` never claims it back.
      for (const node of [to, from, ...others]) await node.command("CLUSTER", "SETSLOT", slot, "NODE", target)
      await plan.ready()
    },
    async cancel() {
      // While it is migrating a slot a node refuses the keys that it has given away.
      await from.command("CLUSTER", "SETSLOT", slot, "STABLE")
      await migrateAll({ slot, from: to, to: from })
      await to.command("CLUSTER", "SETSLOT", slot, "STABLE")
    },
  }
}

async function idOf(node: OwnRedis): Promise<string> {
  return (await viewOf(node)).self.id
}

async function migrateAll({ slot, from, to }: Pick<MovePlan, "slot" | "from" | "to">): Promise<void> {
  for (;;) {
    const keys = (await from.command("CLUSTER", "GETKEYSINSLOT", slot, KEYS_AT_ONCE)) as readonly string[]
    if (keys.length === 0) return
    await migrate(from, to, keys)
  }
}

async function migrate(from: OwnRedis, to: OwnRedis, keys: readonly string[]): Promise<void> {
  const password = decodeURIComponent(new URL(to.url).password)
  const login = password === "" ? [] : ["AUTH", password]
  await from.command("MIGRATE", to.host, to.port, "", 0, MIGRATE_WITHIN_MS, ...login, "KEYS", ...keys)
}
