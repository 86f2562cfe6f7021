import { ConfigError } from "../errors.ts"
import type { Endpoint } from "./endpoint.ts"
import { kindOf } from "./options.ts"

/** Whether TLS is spoken, by scheme. */
const SCHEMES = new Map([
  ["redis:", false],
  ["valkey:", false],
  ["redis+unix:", false],
  ["rediss:", true],
  ["valkeys:", true],
])
const SHAPE =
  "it takes a string like redis://user:password@host:6379/0 or redis+unix:///path?database=0; in a user or password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25"

/**
 * Reads a URL of one server: `redis:`, `valkey:`, with TLS `rediss:` and `valkeys:`, or `redis+unix:`.
 *
 * @throws ConfigError saying what is wrong, never showing the URL: it may hold a password.
 */
export function parseRedisUrl(url: string, where: string): Endpoint {
  const wrong = (problem: string) => new ConfigError(`${where}: the URL ${problem}; ${SHAPE}`)
  if (typeof url !== "string") throw wrong(`is ${kindOf(url)}`)
  const parsed = parse(url)
  if (parsed === undefined) throw wrong("is malformed")
  const { scheme, host, port, path, unknown, database, ...credentials } = parsed

  const tls = SCHEMES.get(scheme)
  if (tls === undefined) {
    const known = [...SCHEMES.keys()].join(", ")
    const others = "https: is for upstashTransport({ url, token }), redis+cluster: for a cluster entry"
    throw wrong(`does not begin with ${known} (${others})`)
  }
  if (unknown === "") throw wrong("has a ? or # that is not escaped")
  if (unknown) throw wrong(`has an unknown parameter ${unknown}: set it as an option`)
  if (!/^\d{0,9}$/.test(database)) throw wrong("has what is not a database number")
  if (path === undefined && host === "") throw wrong("has no host")
  if (path === "" || path === "/") throw wrong("has no path")
  if (path !== undefined && host !== "" && host !== "localhost") throw wrong("names a host beside its path")
  if (port === 0) throw wrong("has port 0: it takes 1 to 65535")
  return { ...credentials, host: host || "localhost", port, path, tls, database: Number(database) }
}

/** The parts of a URL; undefined if it is malformed. The platform's own error shows the URL: it goes no further. */
function parse(url: string) {
  try {
    // The URL standard allows no user without a host, which a socket's path has no use for.
    const parsed = new URL(url.trim().replace(/^(redis\+unix:\/\/[^/]*@)\//i, "$1localhost/"))
    const path = decodeURIComponent(parsed.pathname)
    const isPath = parsed.protocol === "redis+unix:"
    const known = isPath ? "database" : undefined
    return {
      scheme: parsed.protocol,
      username: decodeURIComponent(parsed.username) || undefined,
      password: decodeURIComponent(parsed.password) || undefined,
      host: decodeURIComponent(parsed.hostname).replace(/^\[(.*)\]$/, "$1"),
      port: Number(parsed.port || 6379),
      path: isPath ? path : undefined,
      database: isPath ? (parsed.searchParams.get("database") ?? "") : path.slice(1),
      // Behind an @ it is a part of the password; then it may not be shown.
      unknown: /[@#]/.test(parsed.search + parsed.hash)
        ? ""
        : [...parsed.searchParams.keys()].find((name) => name !== known),
    }
  } catch {
    return undefined
  }
}
