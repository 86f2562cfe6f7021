import { ConfigError } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket/workerd"
import { textOf, type Way } from "./way.ts"

/** Over TCP, by sockets of this invocation: no other may use them. */
export const tcpWay: Way = {
  wants:
    'set the secret REDIS_URL ("npx wrangler secret put REDIS_URL"), such as rediss://user:password@host:6379',
  open({ url: given, token, name }, env) {
    const url = given ?? textOf(env, "REDIS_URL")
    if (url === undefined) return undefined
    if (given !== undefined && token !== undefined)
      throw new ConfigError("token goes with an https: url: over TCP it is the password")
    return socketTransport({ url, ...(name !== undefined && { name }) })
  },
}
