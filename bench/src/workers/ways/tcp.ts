import { withRedis } from "@warmpool/cloudflare/tcp"
import { type BenchEnv, work } from "./work.ts"

export default withRedis<BenchEnv>({
  // biome-ignore lint/complexity/useMaxParams: Cloudflare gives three, and the client comes after them.
  fetch: (request, env, _ctx, redis) => work(request, env, redis),
})
