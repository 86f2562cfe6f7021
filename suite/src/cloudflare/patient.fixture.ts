import { withRedis } from "@warmpool/cloudflare"

/** Increments with the patience that a server under restart needs. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis(
  {
    async fetch(request, _env, _ctx, redis) {
      const [, key = "n"] = new URL(request.url).searchParams.getAll("task")
      try {
        return Response.json({ is: await redis.incr(key) })
      } catch (error) {
        return Response.json({ error: error instanceof Error ? `${error.name}: ${error.message}` : "" })
      }
    },
  },
  { commandTimeoutMs: 15_000 },
)
