import { DurableObject } from "cloudflare:workers"
import { bindRedis, type Redis, withRedis } from "@warmpool/cloudflare"

/** Says in Redis that a handler ran, and whether its client is the one that `bindRedis` gives. */
async function note(what: string, redis: Redis, bound: Redis): Promise<void> {
  await redis.hset("ran", what, String(redis === bound))
}

/** Keeps its own client, as a Durable Object may. */
export class Room extends DurableObject {
  visit(): Promise<number> {
    return bindRedis(this.env as object, this.ctx).incr("room")
  }
}

interface Env {
  readonly ROOM: { idFromName(name: string): unknown; get(id: unknown): { visit(): Promise<number> } }
}

/** A global of workerd. */
declare const WebSocketPair: new () => {
  readonly 0: unknown
  readonly 1: { accept(): void; send(message: string): void }
}

let clients = new Set<Redis>()

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis<Env>({
  async fetch(request, env, ctx, redis) {
    const { pathname } = new URL(request.url)
    if (pathname === "/clients") {
      clients.add(redis)
      return Response.json(clients.size)
    }
    if (pathname === "/room") return Response.json(await env.ROOM.get(env.ROOM.idFromName("r")).visit())
    if (pathname === "/stream") return new Response(counted(redis))
    if (pathname === "/events") return new Response(messages(redis))
    if (pathname === "/socket") return upgraded(redis)
    if (pathname === "/leased") {
      await redis.use((lease) => lease.get("k"))
      void redis.incr("left")
      return new Response("answered")
    }
    if (pathname === "/throws") {
      void redis.incr("thrown")
      throw new Error("of the handler")
    }
    clients = new Set()
    await note("fetch", redis, bindRedis(env, ctx))
    return new Response("noted")
  },
  async scheduled(_controller, env, ctx, redis) {
    await note("scheduled", redis, bindRedis(env, ctx))
  },
  async queue(batch, env, ctx, redis) {
    for (const { body } of batch.messages) await redis.rpush("queue", String(body))
    await note("queue", redis, bindRedis(env, ctx))
  },
  async email(_message, env, ctx, redis) {
    await note("email", redis, bindRedis(env, ctx))
  },
  async tail(_events, env, ctx, redis) {
    await note("tail", redis, bindRedis(env, ctx))
  },
})

/** A body that uses the client after the handler has answered. */
function counted(redis: Redis): ReadableStream<Uint8Array> {
  let left = 3
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      controller.enqueue(new TextEncoder().encode(`${await redis.incr("streamed")}\n`))
      left -= 1
      if (left === 0) controller.close()
    },
  })
}

/** Messages as they come, as a page would listen to them. */
function messages(redis: Redis): ReadableStream<Uint8Array> {
  const reader = redis.subscribe("events")[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { value } = await reader.next()
      controller.enqueue(new TextEncoder().encode(`data: ${value?.message}\n\n`))
      if (value?.message === "last") controller.close()
    },
  })
}

/** A WebSocket that gets messages as they come. */
function upgraded(redis: Redis): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  const forward = async (): Promise<void> => {
    for await (const { message } of redis.subscribe("sockets")) server.send(message)
  }
  void forward().catch(() => undefined)
  return new Response(null, { status: 101, webSocket: client } as ResponseInit)
}
