import { type Redis, withRedis } from "@warmpool/cloudflare"
import type { Script } from "../differential/script.ts"
import { ways } from "../differential/ways.ts"
import { hear, tell } from "../vercel/carried.ts"

/** A script, how it is sent, and on what. */
export interface Errand {
  readonly way: string
  readonly script: Script
  readonly on: "client" | "lease"
}

function run(redis: Redis, { way, script, on }: Errand): Promise<readonly unknown[] | undefined> {
  const found = ways.find(({ name }) => name === way)
  if (on === "client") return Promise.resolve(found?.run(redis, script))
  return redis.use((lease) => found?.run(lease, script))
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis(
  {
    async fetch(request, _env, _ctx, redis) {
      return Response.json(tell(await run(redis, hear(await request.json()) as Errand)))
    },
  },
  // Patient, because the machine may be busy: what is late is none of these tests' business.
  { commandTimeoutMs: 10_000, acquireTimeoutMs: 10_000, connectTimeoutMs: 10_000 },
)
