import { setTimeout as wait } from "node:timers/promises"
import type { OwnRedis } from "./own-redis.ts"

/**
 * Redis counts the votes of a replica's last election again when it is told to fail over soon after: it becomes a
 * master that nobody voted for, and acknowledged writes are lost (valkey-io/valkey#782). So we wait until that
 * election has lapsed. A replica that was never elected need not wait.
 */
export class Elections {
  readonly #lapseMs: number
  readonly #seen = new Map<OwnRedis, { readonly asked: number; readonly at: number }>()

  constructor(nodeTimeoutMs: number) {
    // Source: auth_retry_time in clusterHandleSlaveFailover, redis' cluster.c; and a margin for its clock.
    this.#lapseMs = 2 * Math.max(2 * nodeTimeoutMs, 2_000) + 50
  }

  /** Notes the node's last election as one that was just now, unless it is known already. */
  async note(node: OwnRedis): Promise<void> {
    const asked = await votesAsked(node)
    if (this.#seen.get(node)?.asked !== asked) this.#seen.set(node, { asked, at: Date.now() })
  }

  /** Resolves once the node's last election no longer counts. */
  async lapsed(node: OwnRedis): Promise<void> {
    await this.note(node)
    const { asked = 0, at = 0 } = this.#seen.get(node) ?? {}
    if (asked > 0) await wait(Math.max(0, at + this.#lapseMs - Date.now()))
  }
}

/** How often the process has asked for votes: it forgets its elections with its life. */
async function votesAsked(node: OwnRedis): Promise<number> {
  const info = String(await node.command("CLUSTER", "INFO"))
  return Number(/auth-req_sent:(\d+)/.exec(info)?.[1] ?? 0)
}
