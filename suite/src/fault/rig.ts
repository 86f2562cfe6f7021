import { createRedis, type EventDetails, type EventName, type Redis, type RedisOptions } from "@warmpool/core"
import {
  type FaultProxy,
  type RedisServer,
  type StartRedisOptions,
  startFaultProxy,
  startRedis,
} from "@warmpool/local"
import { afterAll, afterEach, beforeAll, expect } from "vitest"
import type { TransportCase } from "../transports.ts"

/** What a test may say about its client; the transport and the address come from the rig. */
export type ClientOptions = Omit<RedisOptions, "transport"> & { readonly url?: string }

/** A server, a proxy before it, and the clients of one test. */
export class Rig {
  readonly #transport: TransportCase
  readonly #clients: Redis[] = []
  readonly #strays: unknown[] = []
  readonly #restores: (readonly string[])[] = []
  readonly #onStray = (reason: unknown): void => void this.#strays.push(reason)
  #server: RedisServer | undefined
  #proxy: FaultProxy | undefined

  constructor(transport: TransportCase) {
    this.#transport = transport
  }

  get server(): RedisServer {
    if (this.#server === undefined) throw new Error("the rig was not started")
    return this.#server
  }

  get proxy(): FaultProxy {
    if (this.#proxy === undefined) throw new Error("the rig was not started")
    return this.#proxy
  }

  async start(options?: StartRedisOptions): Promise<void> {
    process.on("unhandledRejection", this.#onStray)
    this.#server = await startRedis(options)
    this.#proxy = await startFaultProxy({ target: this.#server })
  }

  /** A client of the test, through the proxy; closed after it. */
  client({ url = this.proxy.url(), ...options }: ClientOptions = {}): Redis {
    const redis = createRedis({ ...options, transport: this.#transport.open(url) })
    this.#clients.push(redis)
    return redis
  }

  /** A client whose connection is open and has answered, however busy the machine is. */
  async warmClient(options?: ClientOptions): Promise<Redis> {
    const redis = this.client(options)
    await redis.with({ timeoutMs: 15_000 }).prewarm()
    return redis
  }

  /** How often the server ran a command since the last `forgetCalls`. */
  async calls(command: string): Promise<number> {
    const lines = String(await this.server.command("INFO", "commandstats"))
    return Number(new RegExp(`^cmdstat_${command.toLowerCase()}:calls=(\\d+)`, "m").exec(lines)?.[1] ?? 0)
  }

  async forgetCalls(): Promise<void> {
    await this.server.command("CONFIG", "RESETSTAT")
  }

  /** Sets the server's configuration until the end of the test, then back. */
  async configure(name: string, value: string): Promise<void> {
    const [, before] = (await this.server.command("CONFIG", "GET", name)) as string[]
    this.#restores.push(["CONFIG", "SET", name, before ?? ""])
    await this.server.command("CONFIG", "SET", name, value)
  }

  /** Makes the server a replica of nobody who answers, until the end of the test. */
  async demote(): Promise<void> {
    this.#restores.push(["REPLICAOF", "NO", "ONE"])
    await this.server.command("REPLICAOF", "127.0.0.1", "1")
  }

  /** Ends the faults and the clients of a test, then checks what each of them must leave behind. */
  async tidy(): Promise<void> {
    this.server.resume()
    await this.proxy.heal()
    const clients = this.#clients.splice(0)
    for (const redis of clients) await redis.close()
    for (const command of this.#restores.splice(0)) await this.server.command(...command)
    // What was still on its way must not arrive in the next test.
    await this.proxy.reset()
    await this.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await this.server.command("FLUSHALL")
    expect(this.#strays.splice(0)).toEqual([])
    for (const redis of clients) {
      const { opened, closed, ...open } = redis.stats()
      expect(open).toMatchObject({ connecting: 0, idle: 0, shared: 0, leased: 0, waiting: 0 })
      expect(closed).toBe(opened)
    }
  }

  async stop(): Promise<void> {
    process.off("unhandledRejection", this.#onStray)
    await this.#proxy?.close()
    await this.#server?.close()
  }
}

/** A rig of the tests around it: started before the first, tidied after each, stopped after the last. */
export function useRig(transport: TransportCase, options?: StartRedisOptions): Rig {
  const rig = new Rig(transport)
  beforeAll(() => rig.start(options))
  afterEach(() => rig.tidy())
  afterAll(() => rig.stop())
  return rig
}

/** Resolves with the next event of this name. */
export function nextEvent<N extends EventName>(redis: Redis, name: N): Promise<EventDetails[N]> {
  return new Promise((resolve) => {
    const off = redis.on(name, (detail) => {
      off()
      resolve(detail)
    })
  })
}
