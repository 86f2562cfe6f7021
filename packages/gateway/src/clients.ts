import type { PortableRedis, Redis } from "@warmpool/core"
import { laneOf, type RawLane } from "@warmpool/core/lane"
import type { AclUser, Grant } from "./grants.ts"

/** A client and the lane under it. */
export interface Way {
  readonly redis: PortableRedis
  readonly lane: RawLane
}

/** The client of every token: the common one, or one for its ACL user, opened when it is first needed. */
export class Clients {
  readonly #common: Way
  readonly #open: ((user: AclUser) => PortableRedis) | undefined
  readonly #users = new Map<string, Way>()

  constructor(redis: PortableRedis, open: ((user: AclUser) => PortableRedis) | undefined) {
    this.#common = { redis, lane: laneOf(redis) }
    this.#open = open
  }

  of({ user }: Grant): Way {
    if (user === undefined || this.#open === undefined) return this.#common
    const known = this.#users.get(keyOf(user))
    if (known) return known
    const redis = this.#open(user)
    const way = { redis, lane: laneOf(redis) }
    this.#users.set(keyOf(user), way)
    return way
  }

  /** Drains the clients of users that no token names any more. */
  async keep(grants: readonly Grant[]): Promise<void> {
    const named = new Set(grants.flatMap(({ user }) => (user ? [keyOf(user)] : [])))
    const unused = [...this.#users].filter(([key]) => !named.has(key))
    for (const [key] of unused) this.#users.delete(key)
    await Promise.all(unused.map(([, { redis }]) => redis.drain()))
  }
}

/** Whether a client can lease and subscribe: over HTTP it can't. */
export function canLease(redis: PortableRedis): redis is Redis {
  return "use" in redis && typeof redis.use === "function"
}

/** A changed password is another user. */
function keyOf({ username, password }: AclUser): string {
  return JSON.stringify([username, password])
}
