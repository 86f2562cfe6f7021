import { RedisPool as Pool } from "@warmpool/cloudflare/pool"

export { RedisBinding } from "@warmpool/cloudflare/pool"

let instances = 0

/** A pool that can be evicted at will, and tells how often it began. */
export class RedisPool extends Pool {
  constructor(...args: ConstructorParameters<typeof Pool>) {
    super(...args)
    instances += 1
  }

  instances(): number {
    return instances
  }

  evict(): void {
    this.ctx.abort("evicted by the test")
  }
}

interface Env {
  readonly REDIS_POOL: {
    idFromName(name: string): unknown
    get(id: unknown): { instances(): Promise<number>; evict(): Promise<void> }
  }
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(request: Request, { REDIS_POOL }: Env): Promise<Response> {
    const object = REDIS_POOL.get(REDIS_POOL.idFromName("shard-0"))
    if (request.url.endsWith("/instances")) return Response.json(await object.instances())
    await object.evict().catch(() => undefined)
    return Response.json("evicted")
  },
}
