import { ConfigError } from "@warmpool/core"
import { object, oneOf, readOptions, text } from "@warmpool/core/config"

/** A Redis ACL user. */
export interface AclUser {
  readonly username: string
  readonly password: string
}

/** What a token may do. */
export interface TokenOptions {
  readonly token: string
  /** `read-only`: reads alone, without KEYS and SCAN. @defaultValue "full" */
  readonly access?: "full" | "read-only" | undefined
  /** Every key and channel must begin with it; what looks at all keys is refused. @defaultValue none */
  readonly prefix?: string | undefined
  /**
   * The commands it may run. `"*"` stands for all that are allowed by default; a name lets through what is refused
   * by default, such as `"config"` or `"blpop"`. @defaultValue ["*"]
   */
  readonly commands?: readonly string[] | undefined
  /** Its commands run as this user, over `openRedis`. @defaultValue the user of `redis` */
  readonly user?: AclUser | undefined
}

/**
 * Tokens as an array, where a string is a token that may do all; or as text: one token, several with spaces between
 * them, or such an array in JSON.
 */
export type Tokens = string | readonly (string | TokenOptions)[]

/** A checked token. */
export interface Grant {
  readonly token: string
  readonly readOnly: boolean
  readonly prefix: string
  /** Undefined: all that are allowed by default. */
  readonly commands: ReadonlySet<string>
  readonly user: AclUser | undefined
}

const WHERE = "tokens"
/** Shorter ones can be guessed. */
const SHORTEST = 8

const spec = {
  token: text(),
  access: oneOf(["full", "read-only"], "full"),
  prefix: text(),
  commands: { expects: "an array of command names", accepts: isNames, fallback: ["*"] as readonly string[] },
  user: object<AclUser>(),
}

const userSpec = { username: text(), password: text() }

/**
 * Checks tokens.
 *
 * @throws ConfigError saying which one is wrong, by its position; never what it is.
 */
export function readGrants(tokens: Tokens): readonly Grant[] {
  const list: unknown = typeof tokens === "string" ? parseTokens(tokens) : tokens
  if (!Array.isArray(list)) throw new ConfigError(`${WHERE} takes an array of tokens, or a string`)
  if (list.length === 0) throw new ConfigError(`${WHERE} is empty: nobody could use the gateway`)
  const grants = list.map((one: unknown, index) =>
    readGrant(typeof one === "string" ? { token: one } : one, `${WHERE}[${index}]`),
  )
  const seen = new Set(grants.map(({ token }) => token))
  if (seen.size < grants.length) throw new ConfigError(`${WHERE}: two are the same`)
  return grants
}

function readGrant(options: unknown, where: string): Grant {
  const { token, access, prefix, commands, user } = readOptions(where, spec, options)
  if (token === undefined) throw new ConfigError(`${where}: token is missing`)
  // What a header can carry, and no more: `Authorization: Bearer …`.
  if (!/^[!-~]+$/.test(token) || token.length < SHORTEST) {
    throw new ConfigError(`${where}: a token has at least ${SHORTEST} characters, ASCII without spaces`)
  }
  return {
    token,
    readOnly: access === "read-only",
    prefix: prefix ?? "",
    commands: new Set(commands.map((name) => name.toLowerCase())),
    user: user && readUser(user, where),
  }
}

function readUser(given: AclUser, where: string): AclUser {
  const { username, password } = readOptions(`${where}.user`, userSpec, given)
  if (username === undefined || password === undefined)
    throw new ConfigError(`${where}: user takes a username and a password`)
  return { username, password }
}

function parseTokens(source: string): unknown {
  const trimmed = source.trim()
  // Taken apart at its spaces, it would be tokens such as `"access":`, which anybody can guess.
  if (/^[{"]/.test(trimmed)) throw new ConfigError(`${WHERE} as JSON are an array: put [ and ] around them`)
  if (!trimmed.startsWith("[")) return trimmed.split(/\s+/).filter(Boolean)
  try {
    return JSON.parse(trimmed)
  } catch {
    throw new ConfigError(`${WHERE} begins like JSON and is none`)
  }
}

function isNames(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "")
  )
}
