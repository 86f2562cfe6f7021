// A Worker, checked as its compiler checks it.
import { bindRedis, type PoolService, type Redis, type RedisEnv, withRedis } from "@warmpool/cloudflare"
import * as binding from "@warmpool/cloudflare/binding"
import * as http from "@warmpool/cloudflare/http"
import { type PoolEnv, RedisBinding, RedisPool } from "@warmpool/cloudflare/pool"
import * as tcp from "@warmpool/cloudflare/tcp"

interface Env extends RedisEnv {
  readonly CACHE_URL: string
}

export const worker = withRedis<Env, { id: number }>({
  async fetch(request, env, ctx, redis) {
    const visits: number = await redis.incr(new URL(request.url).pathname)
    const same: Redis = bindRedis(env, ctx)
    await same.use((lease) => lease.watch("k"))
    return Response.json({ visits, colo: request.cf?.country })
  },
  async queue(batch, _env, _ctx, redis) {
    for (const { body } of batch.messages) await redis.rpush("ids", body.id)
  },
  async scheduled({ cron }, _env, _ctx, redis) {
    await redis.set("cron", cron)
  },
  async email(message, _env, _ctx, redis) {
    await redis.set("from", message.from)
  },
})

export const bare = withRedis({
  async fetch(_request, _env, _ctx, redis) {
    return Response.json({ visits: await redis.incr("visits") })
  },
})

export const named = withRedis<Env>(
  { fetch: async (_request, _env, _ctx, redis) => new Response(await redis.get("k")) },
  (env) => ({ url: env.CACHE_URL, way: "tcp", max: 2, keyPrefix: "p:" }),
)

export const small = [
  http.withRedis({ fetch: async (_request, _env, _ctx, redis) => new Response(await redis.get("k")) }),
  binding.withRedis({ fetch: async (_request, _env, _ctx, redis) => new Response(await redis.get("k")) }),
  tcp.withRedis({
    fetch: async (_request, _env, _ctx, redis) => new Response((await redis.blpop("k", 1))?.[1]),
  }),
]

http.withRedis({
  async fetch(_request, _env, _ctx, redis) {
    // @ts-expect-error: over HTTP nothing is leased
    await redis.acquire()
    return new Response()
  },
})
// @ts-expect-error: an option that there is not
withRedis({ fetch: async () => new Response() }, { pool: 1 })
// @ts-expect-error: nothing that a handler gives
withRedis({ fetch: async () => 1 })

export class Pool extends RedisPool {}
export const entrypoint: typeof RedisBinding = RedisBinding

export async function direct(env: { REDIS: RedisBinding & PoolService }, pool: PoolEnv): Promise<void> {
  const value: string | null = await env.REDIS.get("k")
  pool.REDIS_POOL.idFromName(value ?? "")
}

export class Room {
  readonly #redis: Redis
  constructor(state: { waitUntil(promise: Promise<unknown>): void }, env: Env) {
    this.#redis = bindRedis(env, state)
  }
  async fetch(): Promise<Response> {
    return Response.json(await this.#redis.incr("room"))
  }
}
