import { createRedis, withRedis } from "@warmpool/lambda"

const redis = createRedis()

export const handler = withRedis(redis, () =>
  Promise.all([redis.incr("fleet:visits"), redis.get("fleet:a"), redis.get("fleet:b")]),
)
