import { ConfigError } from "../errors.ts"
import type { Endpoint } from "./endpoint.ts"
import { nearest } from "./nearest.ts"
import { kindOf } from "./options.ts"

const TLS = new Map([
  ["redis", false],
  ["valkey", false],
  ["redis+unix", false],
  ["rediss", true],
  ["valkeys", true],
])
const SHAPE = "redis://user:password@host:6379/0"
const UNIX_SHAPE = "redis+unix:///path/to/redis.sock?database=0"
const ESCAPES = "in a user or password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25"

/**
 * Reads a URL of one server: `redis:`, `valkey:`, with TLS `rediss:` and `valkeys:`, or `redis+unix:`.
 *
 * @throws ConfigError saying what is wrong, never showing the URL: it may hold a password.
 */
export function parseRedisUrl(url: string, where: string): Endpoint {
  const wrong = (problem: string) => new ConfigError(`${where}: ${problem}`)
  if (typeof url !== "string") throw wrong(`the URL is ${kindOf(url)}; it takes a string like ${SHAPE}`)

  const parsed = parse(url, wrong)
  const scheme = parsed.protocol.slice(0, -1)
  const tls = TLS.get(scheme)
  if (tls === undefined) throw wrongScheme(scheme, wrong)
  if (parsed.hash !== "") throw wrong(`the URL has a #: ${ESCAPES}`)

  const credentials = {
    username: decode(parsed.username, wrong) || undefined,
    password: decode(parsed.password, wrong) || undefined,
  }
  return scheme === "redis+unix"
    ? ofPath(parsed, credentials, wrong)
    : ofHost(parsed, { ...credentials, tls }, wrong)
}

type Wrong = (problem: string) => ConfigError
type Credentials = Pick<Endpoint, "username" | "password">

function parse(url: string, wrong: Wrong): URL {
  // The URL standard allows no user without a host, which a socket's path has no use for.
  const whole = url.trim().replace(/^(redis\+unix:\/\/[^/]*@)\//i, "$1localhost/")
  try {
    return new URL(whole)
  } catch {
    // The platform's own error shows the URL in its `input`; it goes no further.
    throw wrong(`the URL is malformed; it takes ${SHAPE}; ${ESCAPES}`)
  }
}

function wrongScheme(scheme: string, wrong: Wrong): ConfigError {
  if (scheme === "https" || scheme === "http") {
    return wrong(
      `an ${scheme}: URL is for the HTTP transport: upstashTransport({ url, token }) of @warmpool/upstash`,
    )
  }
  if (scheme === "redis+cluster" || scheme === "rediss+cluster") {
    return wrong("a cluster URL is for a cluster entry; here it takes the URL of one server")
  }
  const meant = scheme === "unix" ? "redis+unix" : nearest(scheme, [...TLS.keys()])
  const hint = meant === undefined ? `it takes ${SHAPE}` : `did you mean ${meant}:?`
  return wrong(`the URL does not begin with ${[...TLS.keys()].join(":, ")}:; ${hint}`)
}

function ofHost(parsed: URL, rest: Credentials & Pick<Endpoint, "tls">, wrong: Wrong): Endpoint {
  const host = decode(parsed.hostname, wrong).replace(/^\[(.*)\]$/, "$1")
  if (host === "") throw wrong(`the URL has no host; it takes ${SHAPE}`)
  const port = parsed.port === "" ? 6379 : Number(parsed.port)
  if (port === 0) throw wrong("the URL's port is 0; it takes 1 to 65535")
  for (const name of parsed.searchParams.keys()) throw unknownParameter(parsed, name, wrong)
  return { host, port, ...rest, database: databaseOf(parsed.pathname.slice(1), wrong) }
}

function ofPath(parsed: URL, credentials: Credentials, wrong: Wrong): Endpoint {
  if (parsed.host !== "" && parsed.host !== "localhost") {
    throw wrong(`a redis+unix: URL has a path and no host; it takes ${UNIX_SHAPE}`)
  }
  const path = decode(parsed.pathname, wrong)
  if (!path.startsWith("/") || path === "/") throw wrong(`the URL has no path; it takes ${UNIX_SHAPE}`)
  for (const name of parsed.searchParams.keys()) {
    if (name !== "database") throw unknownParameter(parsed, name, wrong)
  }
  const database = databaseOf(parsed.searchParams.get("database") ?? "", wrong)
  return { host: "localhost", port: 6379, path, tls: false, ...credentials, database }
}

function databaseOf(given: string, wrong: Wrong): number {
  if (given === "") return 0
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw wrong(`what follows the host in the URL is not a database number; it takes ${SHAPE}; ${ESCAPES}`)
}

function unknownParameter(parsed: URL, name: string, wrong: Wrong): ConfigError {
  // An @ in it means that a ? in the password began it; then no part of it may be shown.
  if (parsed.search.includes("@")) return wrong(`the URL has a ? before its @: ${ESCAPES}`)
  return wrong(`the URL has an unknown parameter ${name}: set it as an option`)
}

function decode(part: string, wrong: Wrong): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw wrong(`the URL has a % that begins no escape: ${ESCAPES}`)
  }
}
