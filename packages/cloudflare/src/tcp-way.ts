import type { Connection, Transport } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket/workerd"
import { textOf, type Way } from "./way.ts"

/** Over TCP, by sockets that end with the invocation. */
export const tcpWay: Way = {
  name: "tcp",
  wants:
    'set the secret REDIS_URL ("npx wrangler secret put REDIS_URL"), such as rediss://user:password@host:6379',
  open(given, env) {
    if (given.binding) return undefined
    const url = given.url ?? textOf(env, "REDIS_URL")
    if (url === undefined) return undefined
    const { name } = given
    const sockets = new Sockets(socketTransport({ url, ...(name !== undefined && { name }) }))
    return { transport: sockets, close: () => sockets.close() }
  },
}

/** The connections of one invocation: no other may use them, so that they are closed with it. */
class Sockets implements Transport {
  readonly traits: Transport["traits"]
  readonly #transport: Transport
  readonly #open = new Set<Connection>()

  constructor(transport: Transport) {
    this.traits = transport.traits
    this.#transport = transport
  }

  async connect(options: Parameters<Transport["connect"]>[0]): Promise<Connection> {
    const connection = await this.#transport.connect(options)
    this.#open.add(connection)
    connection.onClose(() => this.#open.delete(connection))
    return connection
  }

  /** Closes what is open. A command that a body still sends while it streams opens another, which the runtime closes. */
  close(): void {
    for (const connection of this.#open) void connection.close()
  }
}
