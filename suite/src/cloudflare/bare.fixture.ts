import { bindRedis } from "@warmpool/cloudflare"

/** Tells in words what came of one command, and why. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(_request: Request, env: object, ctx: { waitUntil(promise: Promise<unknown>): void }) {
    try {
      return new Response(String(await bindRedis(env, ctx).incr("n")))
    } catch (error) {
      return new Response(chain(error).join(", because of "))
    }
  },
}

function chain(error: unknown): readonly string[] {
  return error instanceof Error ? [`${error.name}: ${error.message}`, ...chain(error.cause)] : []
}
