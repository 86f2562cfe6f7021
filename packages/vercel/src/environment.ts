import { ConfigError } from "@warmpool/core"

/** The variables of a process, as far as they are set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A server over HTTP, and the name of the variable that says where it is. */
export interface FoundOverHttp {
  readonly by: "http"
  readonly name: string
  readonly url: string
  readonly token: string
}

/** Where the environment says that the server is, and the name of the variable that says so. */
export type Found = FoundOverHttp | { readonly by: "tcp"; readonly name: string; readonly url: string }

const TCP_URLS = ["REDIS_URL", "KV_URL"]
const REST_URLS = ["UPSTASH_REDIS_REST_URL", "KV_REST_API_URL"]
const REST_TO_SET =
  "UPSTASH_REDIS_REST_URL with UPSTASH_REDIS_REST_TOKEN, or KV_REST_API_URL with KV_REST_API_TOKEN, each with or without a prefix such as STORAGE_, or pass url"
const NO_SERVER = "createRedis: there is no server to connect to"

/**
 * Finds the server in the environment: TCP first, then HTTP; of each the plain names in the order above, then those that
 * an integration has put a prefix before, in alphabetical order. A variable that is empty is not set.
 *
 * @throws ConfigError that says which names were looked for.
 */
export function findServer(environment: Environment): Found {
  const [tcp] = matching(environment, TCP_URLS)
  if (tcp !== undefined) return { by: "tcp", name: tcp, url: environment[tcp] ?? "" }
  const found = firstPair(environment)
  if (found) return found
  const [half] = matching(environment, REST_URLS)
  const why = half === undefined ? "" : `${half} is set, and ${tokenOf(half)} is not: `
  throw new ConfigError(`${NO_SERVER}: ${why}set REDIS_URL, or KV_URL, or ${REST_TO_SET}`)
}

/** The same where there are no sockets. */
export function findOverHttp(environment: Environment): FoundOverHttp {
  const found = firstPair(environment)
  if (found) return found
  throw new ConfigError(
    `${NO_SERVER}: set ${REST_TO_SET} (REDIS_URL needs a socket, which the Edge runtime has not)`,
  )
}

function firstPair(environment: Environment): FoundOverHttp | undefined {
  for (const name of matching(environment, REST_URLS)) {
    const url = environment[name]
    const token = environment[tokenOf(name)]
    if (url && token) return { by: "http", name, url, token }
  }
  return undefined
}

function tokenOf(urlName: string): string {
  return urlName.replace(/URL$/, "TOKEN")
}

/** The variables that are set: plain names in their order, then prefixed ones in alphabetical order. */
function matching(environment: Environment, plain: readonly string[]): string[] {
  const prefixed = Object.keys(environment).filter((name) => plain.some((end) => name.endsWith(`_${end}`)))
  return [...plain, ...prefixed.sort()].filter((name) => environment[name])
}
