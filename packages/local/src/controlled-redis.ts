import type { AttachedRedis } from "./redis.ts"
import type { RedisClient, RedisControl } from "./redis-control.ts"
import type { RedisReply } from "./resp-reply.ts"

/** A server as its control connection sees it. */
export class ControlledRedis implements AttachedRedis {
  readonly url: string
  readonly host: string
  readonly port: number
  protected readonly control: RedisControl

  constructor(url: string, { host, port, control }: { host: string; port: number; control: RedisControl }) {
    this.url = url
    this.host = host
    this.port = port
    this.control = control
  }

  command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    return this.control.command(...args)
  }

  clients(): Promise<readonly RedisClient[]> {
    return this.control.clients()
  }

  async close(): Promise<void> {
    this.control.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
