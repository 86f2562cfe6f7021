import { ConfigError, type Transport } from "@warmpool/core"
import { type Env, type Given, openFirst, type Way, type WayName } from "./way.ts"

/** A way, and what the option `way` calls it. */
export type NamedWay = readonly [WayName, Way]

/**
 * Opens the first way for which there is a server.
 *
 * @throws ConfigError that lists them all, or the one that `way` names.
 */
export function openWay(ways: readonly NamedWay[], given: Given, env: Env): Transport {
  const wanted = given.binding ? "binding" : given.way
  if (given.name && wanted !== "tcp" && /^https?:/i.test(given.url ?? ""))
    throw new ConfigError("name has no meaning over HTTP: leave it out")
  const possible = ways.flatMap(([name, way]) => (wanted === undefined || wanted === name ? [way] : []))
  return openFirst(possible, given, env)
}
