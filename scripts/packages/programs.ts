/** Programs of users' are JavaScript that Node 22 runs: no `await using`. Each counts at a key, and prints the counter. */
const TOKEN = "a-token-that-only-this-test-knows"
const REDIS = "const [key] = process.argv.slice(2)\nconst url = process.env.REDIS_URL"

/** One of each package that runs on Node, with the least that makes it work. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "@warmpool/core": `
    import { createRedis } from "@warmpool/core"
    import { socketTransport } from "@warmpool/socket"
    ${REDIS}
    const redis = createRedis({ transport: socketTransport({ url }) })
    console.log(await redis.incr(key))
    await redis.close()`,
  "@warmpool/socket": `
    import { createRedis } from "@warmpool/core"
    import { socketTransport } from "@warmpool/socket/node"
    ${REDIS}
    const redis = createRedis({ transport: socketTransport({ url }) })
    const [[, count]] = await redis.pipeline().incr(key).exec()
    await redis.close()
    console.log(count)`,
  "@warmpool/ioredis": `
    import { createRedis } from "@warmpool/core"
    import { ioredisTransport } from "@warmpool/ioredis"
    ${REDIS}
    const redis = createRedis({ transport: ioredisTransport({ url }) })
    console.log(await redis.incr(key))
    await redis.close()`,
  "@warmpool/lambda": `
    import { createRedis, withRedis } from "@warmpool/lambda"
    const [key] = process.argv.slice(2)
    const redis = createRedis()
    const handler = withRedis(redis, async (event) => redis.incr(event.key))
    console.log(await handler({ key }, { getRemainingTimeInMillis: () => 3_000 }))
    await redis.close()`,
  "@warmpool/vercel": `
    import { redis } from "@warmpool/vercel"
    const [key] = process.argv.slice(2)
    console.log(await redis.incr(key))
    await redis.close()`,
  "@warmpool/gateway": `
    import { createRedis } from "@warmpool/core"
    import { createGateway } from "@warmpool/gateway"
    import { socketTransport } from "@warmpool/socket"
    ${REDIS}
    const redis = createRedis({ transport: socketTransport({ url }) })
    const gateway = createGateway({ redis, tokens: "${TOKEN}" })
    const headers = { Authorization: "Bearer ${TOKEN}" }
    const response = await gateway.fetch(new Request("http://gateway.test/incr/" + encodeURIComponent(key), { headers }))
    console.log((await response.json()).result)
    await redis.close()`,
  "@warmpool/upstash": `
    import { createRedis } from "@warmpool/core"
    import { asUpstash } from "@warmpool/upstash"
    import { socketTransport } from "@warmpool/socket"
    ${REDIS}
    const redis = createRedis({ transport: socketTransport({ url }) })
    console.log(await asUpstash(redis).incr(key))
    await redis.close()`,
  "@warmpool/local": `
    import { startRedis } from "@warmpool/local"
    const server = await startRedis()
    console.log(await server.command("INCR", process.argv[2]))
    await server.close()`,
  warmpool: `
    import { spawn } from "node:child_process"
    import { once } from "node:events"
    const [key] = process.argv.slice(2)
    const env = { ...process.env, WARMPOOL_TOKENS: "${TOKEN}" }
    const stdio = ["ignore", "pipe", "inherit"]
    const gateway = spawn("node_modules/.bin/warmpool", ["gateway", "--port", "0"], { env, stdio })
    const [line] = await once(gateway.stdout.setEncoding("utf8"), "data")
    const headers = { Authorization: "Bearer ${TOKEN}" }
    const response = await fetch(line.trim().split(" ").at(-1) + "/incr/" + encodeURIComponent(key), { headers })
    console.log((await response.json()).result)
    gateway.kill()
    await once(gateway, "exit")`,
}

/** The one that runs in workerd: it counts at the key that `env` holds. */
export const WORKER = `
  import { withRedis } from "@warmpool/cloudflare"
  export default withRedis({
    async fetch(_request, env, _ctx, redis) {
      return Response.json(await redis.incr(env.KEY))
    },
  })`
