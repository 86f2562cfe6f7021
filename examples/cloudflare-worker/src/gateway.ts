import { bindRedis, type InvocationContext, type PoolService } from "@warmpool/cloudflare"
import { createGateway } from "@warmpool/gateway"

interface Env {
  /** The pool. */
  readonly REDIS: PoolService
  /** What clients send as their token: a secret. */
  readonly GATEWAY_TOKEN: string
}

/** Upstash's protocol for a private Redis, from Cloudflare's edge. */
export default {
  fetch(request: Request, env: Env, ctx: InvocationContext): Response | Promise<Response> {
    const gateway = createGateway({ redis: bindRedis(env, ctx), tokens: [env.GATEWAY_TOKEN] })
    return gateway.fetch(request)
  },
}
