import { attachRedis, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"

/** The server of one demo: how functions reach it, how many connections they opened, and how to cut those. */
export interface DemoServer extends AsyncDisposable {
  readonly url: string
  /** Connections that functions opened so far. */
  connections(): Promise<number>
  /** Closes every connection of a function, as a server's idle timeout does. */
  kill(): Promise<void>
  /** Reads a counter and removes it. */
  take(key: string): Promise<number>
}

/** A server of our own, or the one at `redisUrl`, of which only our own connections and keys are touched. */
export async function demoServer(redisUrl: string | undefined): Promise<DemoServer> {
  return redisUrl === undefined ? ownServer(await startRedis()) : foreignServer(redisUrl)
}

function ownServer(server: RedisServer): DemoServer {
  return {
    url: server.url,
    connections: async () => {
      const info = String(await server.command("INFO", "stats"))
      return Number(/total_connections_received:(\d+)/.exec(info)?.[1])
    },
    kill: async () => {
      await server.command("CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal")
    },
    take: async (key) => Number(await server.command("GETDEL", key)),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Functions go through a proxy of ours, so that their connections can be counted and cut without asking the server. */
async function foreignServer(redisUrl: string): Promise<DemoServer> {
  const url = new URL(redisUrl)
  if (url.protocol !== "redis:" && url.protocol !== "valkey:") {
    throw new Error(
      "the demo needs a redis:// URL in REDIS_URL: unset it, and the demo starts a server of its own",
    )
  }
  const server = await attachRedis(redisUrl)
  const proxy = await startFaultProxy({ target: { host: url.hostname, port: Number(url.port || 6379) } })
  url.host = `${proxy.host}:${proxy.port}`
  return {
    url: url.href,
    connections: async () => proxy.counts.connections,
    kill: async () => proxy.cut(),
    take: async (key) => {
      const value = Number(await server.command("GET", key))
      await server.command("DEL", key)
      return value
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await server.close()
    },
  }
}
