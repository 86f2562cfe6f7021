import { ConfigError, type Transport } from "@warmpool/core"
import { upstashTransport } from "@warmpool/upstash/transport"
import { textOf, type Way } from "./way.ts"

const VARIABLES = [
  ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"],
  ["KV_REST_API_URL", "KV_REST_API_TOKEN"],
] as const

/** Over HTTP: Upstash, or a gateway. */
export const httpWay: Way = {
  name: "http",
  wants: "set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN (or KV_REST_API_URL and KV_REST_API_TOKEN)",
  open(given, env) {
    if (given.binding) return undefined
    if (given.url !== undefined) {
      if (!/^https?:/i.test(given.url)) return undefined
      if (given.name) throw new ConfigError("name has no meaning over HTTP: leave it out")
      return over(given.url, given.token, "token")
    }
    for (const [forUrl, forToken] of VARIABLES) {
      const url = textOf(env, forUrl)
      if (url !== undefined) return over(url, given.token ?? textOf(env, forToken), forToken)
    }
    return undefined
  },
}

function over(url: string, token: string | undefined, missing: string): Transport {
  if (token === undefined)
    throw new ConfigError(`there is a url for HTTP and no ${missing} beside it: set both`)
  return upstashTransport({ url, token })
}
