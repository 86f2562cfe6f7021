export type { PoolEnv, PoolOptions } from "./pool/pool-env.ts"
export { type DirectCommands, RedisBinding } from "./pool/redis-binding.ts"
export { RedisPool } from "./pool/redis-pool.ts"
