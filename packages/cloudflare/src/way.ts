import { ConfigError, type Transport } from "@warmpool/core"
import type { PoolService } from "./service/service.ts"

export type WayName = "binding" | "http" | "tcp"

/** Where the server is, as options say it; undefined is for the environment to say. */
export interface Given {
  readonly way?: WayName | undefined
  readonly binding?: PoolService | undefined
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly name?: string | undefined
  readonly transport?: Transport | undefined
}

/** One of the ways to a server. */
export interface Way {
  readonly name: WayName
  /** What to add where it is missing. */
  readonly wants: string
  /** Its transport, if options or else the environment say where the server is. */
  open(given: Given, env: Readonly<Record<string, unknown>>): Transport | undefined
}

/**
 * The first of the ways for which there is a server.
 *
 * @throws ConfigError that lists them all, or the one that `way` names.
 */
export function openFirst(ways: readonly Way[], given: Given, env: object): Transport {
  if (given.transport) return given.transport
  const wanted = ways.filter(({ name }) => given.way === undefined || name === given.way)
  for (const way of wanted) {
    const transport = way.open(given, env as Readonly<Record<string, unknown>>)
    if (transport) return transport
  }
  if (given.url !== undefined)
    throw new ConfigError("url is for another way than this: https: is for HTTP, redis: and rediss: for TCP")
  throw new ConfigError(`env says of no server: ${wanted.map(({ wants }) => wants).join("; or ")}`)
}

/** What has no meaning beside an option that says by itself where the server is. */
const IDLE = {
  transport: ["binding", "url", "token", "name", "way"],
  binding: ["url", "token", "name"],
} as const

/** @throws ConfigError if two options contradict, or one would be ignored. */
export function refuseContradictions(given: Given): void {
  for (const one of ["transport", "binding"] as const) {
    const other = given[one] && IDLE[one].find((name) => given[name] !== undefined)
    if (other) throw new ConfigError(`${one} already says where the server is: leave out ${other}`)
  }
  const { url, way } = given
  const isHttp = /^https?:/i.test(url ?? "")
  if (given.token !== undefined && url !== undefined && !isHttp)
    throw new ConfigError("token goes with an https: url: over TCP it is the password")
  if (given.name !== undefined && isHttp) throw new ConfigError("name has no meaning over HTTP: leave it out")
  const its = given.binding ? "binding" : url && (isHttp ? "http" : "tcp")
  if (its && way && way !== its)
    throw new ConfigError(
      `way is ${way}, and ${given.binding ? "binding" : "url"} is for ${its}: leave out one`,
    )
}

/** A variable or secret, if it is set. */
export function textOf(env: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = env[name]
  if (value === undefined || value === null || value === "") return undefined
  if (typeof value === "string") return value
  throw new ConfigError(
    `env.${name} is ${typeof value === "object" ? "an object" : `a ${typeof value}`}; it takes a string`,
  )
}
