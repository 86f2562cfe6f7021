import { bindRedis, type RedisEnv } from "@warmpool/cloudflare"
import { Hono } from "hono"

const app = new Hono<{ Bindings: RedisEnv }>()

app.get("/pages/:page", async (c) => {
  const redis = bindRedis(c.env, c.executionCtx)
  const visits = await redis.hincrby("visits", c.req.param("page"), 1)
  return c.json({ page: c.req.param("page"), visits })
})

app.get("/pages", async (c) => {
  const redis = bindRedis(c.env, c.executionCtx)
  return c.json(await redis.hgetall("visits"))
})

export default app
