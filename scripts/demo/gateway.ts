import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { createRedis } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import { socketTransport } from "@warmpool/socket"
import type { DemoServer } from "./server.ts"

/** The way over HTTP to the server of the demo. */
export interface DemoGateway extends AsyncDisposable {
  readonly url: string
  readonly token: string
}

/** A gateway of ours, in this process; ends with its connections. */
export async function startGateway({ url }: DemoServer): Promise<DemoGateway> {
  const redis = createRedis({ transport: socketTransport({ url }) })
  const token = crypto.randomUUID()
  const gateway = await serveGateway({ redis, tokens: token, port: 0, signals: [], drainGraceMs: 0 })
  return {
    url: gateway.url,
    token,
    async [Symbol.asyncDispose]() {
      await gateway.drain()
      await redis.close()
    },
  }
}

/** Does something, and counts the HTTP requests that reach this process meanwhile. */
export async function countingRequests<T>(
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly requests: number }> {
  let requests = 0
  const count = () => {
    requests += 1
  }
  subscribe("http.server.request.start", count)
  try {
    const done = await work()
    return { done, requests }
  } finally {
    unsubscribe("http.server.request.start", count)
  }
}
