import { DurableObject } from "cloudflare:workers"
import { bindRedis, type Redis, withRedis } from "@warmpool/cloudflare"

/** Leases or listens now and then, and stays. */
export class Room extends DurableObject {
  get redis(): Redis {
    return bindRedis(this.env as object, this.ctx)
  }

  lease(): Promise<number> {
    return this.redis.use((lease) => lease.incr("visits"))
  }

  /** Listens to the first message alone. */
  async listen(): Promise<string | undefined> {
    for await (const { message } of this.redis.subscribe("rooms")) return message
    return undefined
  }
}

interface Env {
  readonly ROOM: { idFromName(name: string): unknown; get(id: unknown): Pick<Room, "lease" | "listen"> }
}

/** Enters the room that the path names. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis<Env>({
  async fetch(request, { ROOM }) {
    const { pathname, search } = new URL(request.url)
    const room = ROOM.get(ROOM.idFromName(pathname))
    try {
      return Response.json(search === "?listen" ? await room.listen() : await room.lease())
    } catch (error) {
      return Response.json(String(error))
    }
  },
})
