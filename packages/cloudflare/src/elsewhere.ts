import { ConfigError } from "@warmpool/core"

export * from "@warmpool/core/names"

/** What to do where a bundler, or a runtime, took this in place of the entry for Workers. */
const FIX =
  'this is not workerd, as far as its bundler told: add the condition "workerd" (wrangler does; esbuild: --conditions=workerd), or import @warmpool/cloudflare/http, which runs anywhere'

/** Stands where there are no modules of workerd. Throws ConfigError, always. */
export function withRedis(): never {
  throw new ConfigError(`withRedis: ${FIX}`)
}

/** Stands where there are no modules of workerd. Throws ConfigError, always. */
export function bindRedis(): never {
  throw new ConfigError(`bindRedis: ${FIX}`)
}
