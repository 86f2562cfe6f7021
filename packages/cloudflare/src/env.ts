import type { PoolService } from "./service/service.ts"

/** What a client looks for in the `env` of a Worker, first match first. */
export interface RedisEnv {
  /** A service binding to the pool Worker, with `entrypoint: "RedisBinding"`. */
  readonly REDIS?: PoolService
  readonly UPSTASH_REDIS_REST_URL?: string
  readonly UPSTASH_REDIS_REST_TOKEN?: string
  readonly KV_REST_API_URL?: string
  readonly KV_REST_API_TOKEN?: string
  /** Where a server is: `redis://…` or `rediss://…`. */
  readonly REDIS_URL?: string
}
