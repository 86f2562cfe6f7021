import type { ConnectionOptions } from "node:tls"
import { ConfigError } from "@warmpool/core"
import {
  either,
  flag,
  fn,
  integer,
  type Option,
  object,
  readNodeAddress,
  readOptions,
  secret,
  text,
} from "@warmpool/core/config"
import { type NatMap, Redis, type RedisOptions } from "ioredis"
import { PASSIVE } from "./passive.ts"
import type { Target } from "./target.ts"

/** Where the sentinels are, which master they are asked for, and as whom to speak with all of them. */
export interface SentinelTargetOptions {
  /** Some of the sentinels; the port is 26379 where it is left out. */
  readonly sentinels: readonly { readonly host: string; readonly port?: number }[]
  /** Under which the sentinels know the master. */
  readonly name: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly sentinelUsername?: string | undefined
  readonly sentinelPassword?: string | undefined
  /** @defaultValue 0 */
  readonly database?: number | undefined
  /** Whether to speak TLS with the master, or the options of Node's `tls.connect`. @defaultValue false */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** The same for the sentinels. @defaultValue false */
  readonly sentinelTls?: boolean | ConnectionOptions | undefined
  /** Version of IP; either where it is left out. */
  readonly family?: 4 | 6 | undefined
  /** The connections' name in `CLIENT LIST`. */
  readonly connectionName?: string | undefined
  /** Where the master is reached, by the address that sentinels give, `host:port`. */
  readonly natMap?: NatMap | undefined
}

/** How long a sentinel may take before the next is asked, ms: two of them within the default `connectTimeoutMs`. */
const ANSWER_WITHIN_MS = 400

const anyList: Option<unknown> = { expects: "an array", accepts: Array.isArray, fallback: undefined }
const tls = either(flag(), object<ConnectionOptions>())
const spec = {
  sentinels: anyList,
  name: text(),
  username: text(),
  password: secret(),
  sentinelUsername: text(),
  sentinelPassword: secret(),
  database: integer(0, 999_999_999),
  tls,
  sentinelTls: tls,
  family: either(integer(4, 4), integer(6, 6)),
  connectionName: text(),
  natMap: either(
    object<Exclude<NatMap, (...args: never[]) => unknown>>(),
    fn<Extract<NatMap, (...args: never[]) => unknown>>(),
  ),
}

/** Reads options of a master behind sentinels. Throws ConfigError. */
export function readSentinelTarget(where: string, given: SentinelTargetOptions): Target {
  for (const name of ["url", "host", "port", "path", "cluster"]) {
    if (Object.hasOwn(given, name)) {
      throw new ConfigError(`${where}: sentinels and ${name} contradict: keep one`)
    }
  }
  const read = readOptions(where, spec, given)
  if (read.name === undefined) {
    throw new ConfigError(
      `${where}: sentinels need name: under which they know the master, such as "mymaster"`,
    )
  }
  const list = Array.isArray(read.sentinels) ? read.sentinels : []
  const sentinels = list.map((node) => readNodeAddress(`${where}: sentinels`, node, 26_379))
  if (sentinels.length === 0) {
    throw new ConfigError(`${where}: sentinels takes an array of { host, port }, at least one`)
  }
  const { name, username, password, database, connectionName } = read
  const ways = {
    name,
    sentinels,
    ...(read.family && { family: read.family }),
    ...(read.tls && { tls: typeof read.tls === "object" ? read.tls : {}, enableTLSForSentinelMode: true }),
    ...(read.sentinelTls && { sentinelTLS: typeof read.sentinelTls === "object" ? read.sentinelTls : {} }),
    ...(read.sentinelUsername && { sentinelUsername: read.sentinelUsername }),
    ...(read.sentinelPassword && { sentinelPassword: read.sentinelPassword }),
    ...(read.natMap && { natMap: read.natMap }),
  }
  const login = { username, password, database: database ?? 0, name: connectionName }
  return behindSentinels(name, login, (next) => new Redis({ ...PASSIVE, ...ways, ...next }))
}

/** The part of the options that changes from one connect to the next. */
type Next = Pick<
  RedisOptions,
  | "sentinels"
  | "sentinelRetryStrategy"
  | "sentinelCommandTimeout"
  | "failoverDetector"
  | "updateSentinels"
  | "role"
>

/**
 * A master that each connect asks the sentinels for. The last that did not answer is asked last the next time.
 *
 * @param create - Makes a client of these options over those it has.
 */
export function behindSentinels(name: string, login: Target["login"], create: (next: Next) => Redis): Target {
  let sentinels: NonNullable<RedisOptions["sentinels"]> | undefined
  let unknown = false
  return {
    address: `the master ${name}`,
    login: { ...login, role: "master" },
    explain: (cause) => (unknown ? "no sentinel knows a master of this name" : unreachable(cause)),
    create() {
      const client = create({
        ...(sentinels && { sentinels }),
        sentinelRetryStrategy: () => null,
        sentinelCommandTimeout: ANSWER_WITHIN_MS,
        failoverDetector: false,
        updateSentinels: false,
        role: "master",
      })
      sentinels ??= client.options.sentinels ?? []
      unknown = false
      client.on("sentinelError", (error: Error) => {
        unknown ||= error.message.endsWith("invalid reply: null")
        const [first, ...others] = sentinels ?? []
        if (first) sentinels = [...others, first]
      })
      return client
    },
  }
}

/** What ioredis says when no sentinel could be asked, in other words; undefined for any other failure. */
function unreachable(cause: unknown): string | undefined {
  const [, said] = /^All sentinels are unreachable.*?(?: Last error: (.*))?$/s.exec(
    String(messageOf(cause)),
  ) ?? [""]
  if (said === undefined) return undefined
  return said === "Connection is closed." ? "no sentinel lets us connect" : `no sentinel answers: ${said}`
}

function messageOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined
}
