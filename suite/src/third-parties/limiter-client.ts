import type { PortableRedis } from "@warmpool/core"

/** What `RateLimiterRedis` asks of ioredis, over a client of ours. */
export function limiterClient(redis: PortableRedis) {
  return {
    multi: () => redis.multi(),
    del: (key: string) => redis.del(key),
    defineCommand(name: string, { lua, numberOfKeys }: { lua: string; numberOfKeys: number }) {
      const script = redis.defineScript(lua, { keys: numberOfKeys })
      Object.assign(this, { [name]: (args: string[]) => script(...args) })
    },
  }
}
