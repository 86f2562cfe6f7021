// Its init ends in the middle of the handshake of the connection that it opens.
import { setImmediate as turn } from "node:timers/promises"
import { createRedis, withRedis } from "@warmpool/lambda"

const redis = createRedis({ connectTimeoutMs: 500, commandTimeoutMs: 2_000 })
while (redis.stats().connecting === 0) await turn()
// The socket connects, and the login is written.
for (let turns = 0; turns < 5; turns += 1) await turn()

export const handler = withRedis(redis, async () => ({ visits: await redis.incr("visits") }))
