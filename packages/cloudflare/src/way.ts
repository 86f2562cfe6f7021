import { ConfigError, type Transport } from "@warmpool/core"
import { kindOf } from "@warmpool/core/config"
import type { PoolService } from "./service/service.ts"

export type WayName = "binding" | "http" | "tcp"

/** Where the server is, as options say it; undefined is for the environment to say. */
export interface Given {
  readonly transport?: Transport | undefined
  readonly binding?: PoolService | undefined
  readonly way?: WayName | undefined
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly name?: string | undefined
}

/** What a Worker is bound to. */
export type Env = Readonly<Record<string, unknown>>

/** One of the ways to a server. */
export interface Way {
  /** What to add where it is missing. */
  readonly wants: string
  /** Its transport, if options or else the environment say where the server is. */
  open(given: Given, env: Env): Transport | undefined
}

/**
 * The first of the ways for which there is a server.
 *
 * @throws ConfigError that lists them all.
 */
export function openFirst(ways: readonly Way[], given: Given, env: Env): Transport {
  for (const way of ways) {
    const transport = way.open(given, env)
    if (transport) return transport
  }
  const problem = given.url ? "url is for another way" : "env says of no server"
  throw new ConfigError(`${problem}: ${ways.map(({ wants }) => wants).join("; or ")}`)
}

/** A variable or secret, if it is set. */
export function textOf(env: Env, name: string): string | undefined {
  const value = env[name] || undefined
  if (value === undefined || typeof value === "string") return value
  throw new ConfigError(`env.${name} is ${kindOf(value)}; it takes a string`)
}
