import { ConfigError, type Transport } from "@warmpool/core"
import { upstashTransport } from "@warmpool/upstash/transport"
import { textOf, type Way } from "./way.ts"

/** Over HTTP: Upstash, or a gateway. */
export const httpWay: Way = {
  wants: "set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN (or KV_REST_API_URL and KV_REST_API_TOKEN)",
  open(given, env) {
    if (given.url !== undefined)
      return /^https?:/i.test(given.url) ? over(given.url, given.token, "token") : undefined
    for (const prefix of ["UPSTASH_REDIS_REST", "KV_REST_API"]) {
      const url = textOf(env, `${prefix}_URL`)
      const forToken = `${prefix}_TOKEN`
      if (url) return over(url, given.token ?? textOf(env, forToken), forToken)
    }
    return undefined
  },
}

function over(url: string, token: string | undefined, missing: string): Transport {
  if (token === undefined)
    throw new ConfigError(`there is a url for HTTP and no ${missing} beside it: set both`)
  return upstashTransport({ url, token })
}
