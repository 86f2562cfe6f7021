import { ConfigError } from "../errors.ts"
import type { Endpoint } from "./endpoint.ts"
import { integer, isPlainObject, kindOf, readOptions, text } from "./options.ts"
import { parseRedisUrl } from "./redis-url.ts"

/** Where one node of a cluster, or one sentinel, is. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** Nodes of a cluster, of which any answering one is enough, and as whom one connects to all of them. */
export interface ClusterEndpoint {
  readonly nodes: readonly NodeAddress[]
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

const CLUSTER_URL = /^\s*(redis|rediss|valkey|valkeys)\+cluster:\/\/(?:([^/]*)@)?([^/@?#]*)(.*)$/is
const SHAPE = "redis+cluster://user:password@host:6379,host:6379"
const nodeSpec = { host: text(), port: integer(1, 65_535) }

/** Whether a URL names a cluster; what else is wrong with it is for `parseClusterUrl` to say. */
export function isClusterUrl(url: unknown): url is string {
  return typeof url === "string" && /^\s*\w+\+cluster:/i.test(url)
}

/**
 * Reads a URL of a cluster: `redis+cluster:`, `valkey+cluster:`, with TLS `rediss+cluster:` and `valkeys+cluster:`, and
 * one node or several, with commas between them.
 *
 * @throws ConfigError saying what is wrong, never showing the URL: it may hold a password.
 */
export function parseClusterUrl(url: string, where: string): ClusterEndpoint {
  const [, scheme, login, hosts, rest] = CLUSTER_URL.exec(url) ?? []
  if (scheme === undefined || hosts === undefined || hosts === "") {
    throw new ConfigError(`${where}: the URL is malformed; it takes ${SHAPE}`)
  }
  const user = login === undefined ? "" : `${login}@`
  return join(
    hosts.split(",").map((host) => parseRedisUrl(`${scheme}://${user}${host.trim()}${rest}`, where)),
    where,
  )
}

/**
 * Reads a list of nodes, each a URL of one node or its `{ host, port }`.
 *
 * @throws ConfigError when it is empty, when one is wrong, and when they differ in user, password or TLS.
 */
export function readClusterNodes(where: string, list: unknown): ClusterEndpoint {
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigError(`${where}: cluster takes an array of URLs or { host, port }, at least one`)
  }
  const endpoints = list.map((node): Partial<Endpoint> & NodeAddress =>
    typeof node === "string" ? parseRedisUrl(node, where) : readNodeAddress(`${where}: cluster`, node, 6379),
  )
  return join(endpoints, where)
}

/** Reads `{ host, port }`, one of the list that the option `where` takes. */
export function readNodeAddress(where: string, node: unknown, port: number): NodeAddress {
  if (!isPlainObject(node)) {
    throw new ConfigError(`${where} has ${kindOf(node)} in its list; it takes { host, port }`)
  }
  const given = readOptions(where, nodeSpec, node)
  if (given.host === undefined) throw new ConfigError(`${where} has a node without a host`)
  return { host: given.host, port: given.port ?? port }
}

function join(endpoints: readonly (Partial<Endpoint> & NodeAddress)[], where: string): ClusterEndpoint {
  const urls = endpoints.filter((endpoint) => endpoint.tls !== undefined)
  for (const { path, database } of urls) {
    if (path !== undefined) throw new ConfigError(`${where}: a node of a cluster has no Unix socket`)
    if (database !== 0) throw new ConfigError(`${where}: a cluster has no databases: leave out the number`)
  }
  for (const name of ["tls", "username", "password"] as const) {
    if (new Set(urls.map((url) => url[name])).size > 1) {
      throw new ConfigError(`${where}: the nodes of a cluster differ in ${name}: it is one for all of them`)
    }
  }
  return {
    nodes: endpoints.map(({ host, port }) => ({ host, port })),
    tls: urls[0]?.tls ?? false,
    username: urls[0]?.username,
    password: urls[0]?.password,
  }
}
