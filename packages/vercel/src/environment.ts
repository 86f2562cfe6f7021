import { ConfigError } from "@warmpool/core"

/** The variables of a process, as far as they are set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the environment says that the server is, and the name of the variable that says so. */
export type Found =
  | { readonly by: "tcp"; readonly name: string; readonly url: string }
  | { readonly by: "http"; readonly name: string; readonly url: string; readonly token: string }

/** How a server can be reached from here. */
export type Ways = "tcp or http" | "http"

const TCP_NAMES = ["REDIS_URL", "KV_URL"]
/** Each with `_URL` and `_TOKEN` behind it. */
const REST_NAMES = ["UPSTASH_REDIS_REST", "KV_REST_API"]

/**
 * Finds the server in the environment: TCP first, then HTTP; of each the plain names in the order above, then those that
 * an integration has put a prefix before, in alphabetical order. A variable that is empty is not set.
 *
 * @throws ConfigError that says which names were looked for.
 */
export function findServer(environment: Environment, ways: Ways): Found {
  const tcp = ways === "http" ? undefined : firstOf(environment, TCP_NAMES)
  if (tcp !== undefined) return { by: "tcp", name: tcp, url: environment[tcp] ?? "" }
  for (const name of matching(environment, REST_NAMES.map(toUrl))) {
    const token = environment[toToken(name)]
    if (token) return { by: "http", name, url: environment[name] ?? "", token }
  }
  throw new ConfigError(`createRedis: there is no server to connect to: ${whatToSet(environment, ways)}`)
}

function whatToSet(environment: Environment, ways: Ways): string {
  const pairs = REST_NAMES.map((name) => `${toUrl(name)} with ${toToken(toUrl(name))}`)
  const names = ways === "http" ? pairs : [...TCP_NAMES, ...pairs]
  const example = ways === "http" ? "STORAGE_KV_REST_API_URL" : "STORAGE_REDIS_URL"
  const advice = `set ${names.join(", or ")}, each with or without a prefix such as ${example}, or pass url`
  const halves = matching(environment, REST_NAMES.map(toUrl))
  const tcp = ways === "http" ? firstOf(environment, TCP_NAMES) : undefined
  if (halves[0] !== undefined) return `${halves[0]} is set, and ${toToken(halves[0])} is not: ${advice}`
  if (tcp !== undefined) return `${tcp} needs a socket, which the Edge runtime has not: ${advice}`
  return advice
}

function toUrl(name: string): string {
  return `${name}_URL`
}

function toToken(urlName: string): string {
  return urlName.replace(/URL$/, "TOKEN")
}

function firstOf(environment: Environment, names: readonly string[]): string | undefined {
  return matching(environment, names)[0]
}

/** The variables that are set: plain names in their order, then prefixed ones in alphabetical order. */
function matching(environment: Environment, names: readonly string[]): string[] {
  const isSet = (name: string): boolean => (environment[name] ?? "") !== ""
  const prefixed = Object.keys(environment).filter(
    (name) => isSet(name) && names.some((plain) => name.endsWith(`_${plain}`)),
  )
  return [...names.filter(isSet), ...prefixed.sort()]
}
