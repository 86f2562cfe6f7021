import { createRedis, type PortableRedis } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import type { RedisServer } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { upstashTransport } from "@warmpool/upstash"
import { type TransportCase, transports } from "../transports.ts"

/** A client, and what closes it and whatever stands behind it. */
export interface Opened {
  readonly redis: PortableRedis
  close(): Promise<void>
}

/** One way from a client to a server. */
export interface Way {
  readonly name: string
  open(server: RedisServer): Promise<Opened>
}

const TOKEN = "a-token-that-only-this-test-knows"

async function overHttp({ url }: RedisServer): Promise<Opened> {
  const behind = createRedis({ transport: socketTransport({ url }) })
  const gateway = await serveGateway({ redis: behind, tokens: TOKEN, port: 0, drainGraceMs: 0, signals: [] })
  const redis = createRedis({ transport: upstashTransport({ url: gateway.url, token: TOKEN }) })
  return {
    redis,
    async close() {
      await redis.close()
      await gateway.drain()
      await behind.close()
    },
  }
}

function over({ name, open }: TransportCase): Way {
  return {
    name,
    async open({ url }) {
      const redis = createRedis({ transport: open(url) })
      return { redis, close: () => redis.close() }
    },
  }
}

/** What third parties are run on. */
export const WAYS: readonly Way[] = [...transports.map(over), { name: "http", open: overHttp }]
