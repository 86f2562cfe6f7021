import { withRedis } from "@warmpool/cloudflare"

/** Takes a lease and gives it back, with nothing else to say. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis(
  {
    async fetch(_request, _env, _ctx, redis) {
      try {
        await redis.use((lease) => lease.watch("k"))
        return new Response(null, { status: 204 })
      } catch (error) {
        return new Response(error instanceof Error ? error.message : "")
      }
    },
  },
  { validateTimeoutMs: 10_000 },
)
