import { withRedis } from "@warmpool/cloudflare/binding"
import { portable } from "./portable.fixture.ts"

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis({
  async fetch(_request, _env, _ctx, redis) {
    return Response.json(await portable(redis))
  },
})
