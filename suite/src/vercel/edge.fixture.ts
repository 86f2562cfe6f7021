// A function at the Edge, which is bundled for it.
import { createRedis, redis, withRedis } from "@warmpool/vercel"
import type { Script } from "../differential/script.ts"
import { ways } from "../differential/ways.ts"
import { hear, tell } from "./carried.ts"

// A PING of its own would show in what the server tells of its commands.
const patient = createRedis({ commandTimeoutMs: 10_000, validateAfterMs: Number.POSITIVE_INFINITY })

/** Runs a script of the differential suite in one of its ways. */
export const POST = withRedis(patient, async (request: Request) => {
  const { way, script } = hear((await request.json()) as never) as { way: string; script: Script }
  const outcomes = await ways.find(({ name }) => name === way)?.run(patient, script)
  return Response.json(tell(outcomes))
})

const paths: Record<string, (params: URLSearchParams) => Promise<unknown>> = {
  "/visit": () => redis.incr("visits"),
  "/own": async (params) => {
    const id = params.get("id") ?? ""
    await redis.set(`own:${id}`, id)
    return [await redis.get(`own:${id}`), await redis.echo(id)]
  },
  // Nobody awaits it, and nothing is wrapped: the platform is asked to wait.
  "/forget": async () => void redis.incr("visits"),
  "/leases": async () => ["blpop" in redis, await redis.call("BLPOP", "l", 1).catch((error) => error)],
  "/late": withRedis(
    redis,
    async () =>
      redis
        .with({ timeoutMs: 9_000 })
        .get("k")
        .catch((error) => error.name),
    {
      maxDuration: 0.5,
    },
  ),
}

export async function GET(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const path = paths[pathname]
  if (path === undefined) return new Response("nothing here", { status: 404 })
  return Response.json(tell(await path(searchParams).catch((error) => error)))
}
