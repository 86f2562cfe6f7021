export type { BatchEnd } from "./batch-watch.ts"
export type { BlockingCommands, PortableCommands, StatefulCommands } from "./commands/types.ts"
export { createRedis, lazyRedis } from "./create-redis.ts"
export * from "./errors.ts"
export type { EventDetails, EventName } from "./events.ts"
export { fateOf } from "./fate-of.ts"
export { defaultHost, type Host, type Scope, type Timer } from "./host.ts"
export type { ScanKeysOptions, ScanOptions } from "./iterators.ts"
export type { Limits, PoolOptions } from "./limits.ts"
export { type RedisOptions, redisOptionSpec } from "./options.ts"
export type { PoolStats } from "./pool.ts"
export type {
  CallOptions,
  Lease,
  LeaseOptions,
  Multi,
  Outcome,
  Pipeline,
  PortableRedis,
  Redis,
} from "./redis.ts"
export type { RetryWrites } from "./retry.ts"
export type { Script, ScriptArg, ScriptOptions, ScriptTarget } from "./script.ts"
export { type Message, SlowConsumerError, type SubscribeOptions, type Subscription } from "./subscription.ts"
export * from "./transport.ts"
