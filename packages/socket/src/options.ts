import { ConfigError } from "@warmpool/core"
import { type Endpoint, type EndpointOptions, endpointSpec, fn, text } from "@warmpool/core/config"
import type { AskCredentials } from "./credentials.ts"
import type { Identity } from "./transport.ts"

/** The options of every platform's `socketTransport`. */
export interface SocketOptions extends EndpointOptions {
  /**
   * Asked for each connection, instead of a password: rotating secrets, IAM tokens. Connections that open at the same
   * time share one answer, and none is used after it was refused.
   */
  readonly credentials?: AskCredentials | undefined
  /** What the server lists the connections under: `CLIENT SETNAME`. */
  readonly name?: string | undefined
}

/** The spec of `SocketOptions`. */
export const socketSpec = {
  ...endpointSpec,
  credentials: fn<AskCredentials>(),
  name: text(),
}

/** Options as read by the spec. */
export interface ReadOptions {
  readonly credentials: AskCredentials | undefined
  readonly name: string | undefined
}

/**
 * What connections introduce themselves with.
 *
 * @throws ConfigError if there are two ways to sign in, half of one, or a name that no server takes.
 */
export function readIdentity(where: string, endpoint: Endpoint, options: ReadOptions): Identity {
  const { username, password, database } = endpoint
  const { credentials, name } = options
  if (credentials && (username !== undefined || password !== undefined)) {
    const given = password === undefined ? "username" : "password"
    throw new ConfigError(`${where}: credentials and ${given} contradict: keep one`)
  }
  if (username !== undefined && password === undefined) {
    throw new ConfigError(`${where}: there is a username and no password: give both`)
  }
  // Source: `validateClientName` in redis' networking.c.
  if (name !== undefined && !/^[!-~]+$/.test(name)) {
    throw new ConfigError(`${where}: name has a character that no server takes: use ASCII without spaces`)
  }
  const fixed = password === undefined ? undefined : { username, password }
  return { credentials: credentials ?? fixed, database, name }
}
