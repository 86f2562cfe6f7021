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
  const problem = given.url ? "url is for another way" : "env says of no server"
  throw new ConfigError(`${problem}: ${wanted.map(({ wants }) => wants).join("; or ")}`)
}

/** @throws ConfigError for an option that would be ignored, since another says where the server is. */
export function refuseIgnored(given: Given): void {
  const alone = given.transport ? "transport" : given.binding && "binding"
  const others = Object.keys(given).filter((name) => name !== alone)
  if (alone && others[0]) throw new ConfigError(`${alone} says where the server is: leave out ${others}`)
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
