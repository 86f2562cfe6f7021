import type { PortableRedis } from "@warmpool/cloudflare"

/** What every entry can do, whatever else its client has. */
export async function portable(redis: PortableRedis): Promise<unknown> {
  const [set, got] = await Promise.all([redis.set("k", "v"), redis.get("k")])
  return {
    set,
    got,
    atomic: await redis.multi().incr("n").get("k").exec(),
    together: await redis.pipeline().incr("n").lpush("k", "x").exec().then(names),
    refused: await redis.call("BLPOP", "l", "0.01").then(String, (error: Error) => error.name),
    leases: "acquire" in redis,
  }
}

const names = (outcomes: [Error | null, unknown][]): unknown[] =>
  outcomes.map(([error, reply]) => error?.name ?? reply)
