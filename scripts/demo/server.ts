import { attachRedis, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"

/** The server of one demo: how functions reach it, how many connections they opened, and how to cut those. */
export interface DemoServer extends AsyncDisposable {
  /** What it is, in words. */
  readonly name: string
  readonly url: string
  /** Connections that functions opened so far. */
  connections(): Promise<number>
  /** Connections of functions that stand now. */
  standing(): Promise<number>
  /** Closes every connection of a function, as a server's idle timeout does. */
  kill(): Promise<void>
  /** Reads a counter; 0 when there is none. */
  read(key: string): Promise<number>
  remove(key: string): Promise<void>
}

/** The server at REDIS_URL can't be used. The message is one line, and holds no credentials. */
export class UnusableServer extends Error {
  override readonly name = "UnusableServer"
}

/**
 * A server of our own, or the one at `redisUrl`, of which only our own connections and keys are touched.
 *
 * @throws UnusableServer when that one can't be reached or refuses us.
 */
export async function demoServer(redisUrl: string | undefined): Promise<DemoServer> {
  return redisUrl === undefined || redisUrl === "" ? ownServer(await startRedis()) : foreignServer(redisUrl)
}

function ownServer(server: RedisServer): DemoServer {
  return {
    name: "a redis-server of its own",
    url: server.url,
    connections: async () => {
      const info = String(await server.command("INFO", "stats"))
      return Number(/total_connections_received:(\d+)/.exec(info)?.[1])
    },
    standing: async () => (await server.clients()).length,
    kill: async () => {
      await server.command("CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal")
    },
    read: async (key) => Number(await server.command("GET", key)),
    // The server goes, and its keys with it.
    remove: async () => {},
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Functions go through a proxy of ours, so that their connections can be counted and cut without asking the server. */
async function foreignServer(redisUrl: string): Promise<DemoServer> {
  const url = usable(redisUrl)
  const address = { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 6379) }
  const server = attachRedis(url.href)
  try {
    await server.command("PING")
  } catch (error) {
    await server.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new UnusableServer(`the server at REDIS_URL can't be used: ${why}`)
  }
  const proxy = await startFaultProxy({ target: address })
  return {
    name: `the server at REDIS_URL (${url.host}), under keys of its own`,
    url: proxy.url(url.href),
    connections: async () => proxy.counts.connections,
    standing: async () => proxy.counts.open,
    kill: () => proxy.cut(),
    read: async (key) => Number(await server.command("GET", key)),
    remove: async (key) => {
      await server.command("DEL", key)
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await server.close()
    },
  }
}

function usable(redisUrl: string): URL {
  const url = URL.canParse(redisUrl) ? new URL(redisUrl) : undefined
  if (url?.protocol === "valkey:") url.protocol = "redis:"
  if (url?.protocol === "redis:" && url.hostname !== "") return url
  throw new UnusableServer(
    "REDIS_URL must be like redis://user:password@host:6379/0, without TLS; unset it, and the demo starts a server of its own",
  )
}
