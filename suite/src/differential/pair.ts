import { createRedis, type Redis, type RedisOptions } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { type RedisOptions as AllIoredisOptions, Redis as Ioredis } from "ioredis"
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import { type Front, type TransportCase, transports } from "../transports.ts"

/** What a test may ask of ioredis; the rest is set so that it neither reconnects nor speaks RESP3. */
type IoredisOptions = Pick<AllIoredisOptions, "keyPrefix" | "stringNumbers">

/** What scripts change outside the data; forgotten with it. */
export const FORGET = [
  ["FLUSHALL"],
  ["SCRIPT", "FLUSH"],
  ["FUNCTION", "FLUSH"],
  ["ACL", "DELUSER", "tester"],
  ["ACL", "LOG", "RESET"],
  ["SLOWLOG", "RESET"],
  ["LATENCY", "RESET"],
  ["CONFIG", "RESETSTAT"],
] as const

// Rehashing by the clock would change the order of SMEMBERS, KEYS and SCAN between two runs; at 10 Hz a timeout of
// 10 ms would be seen after 100.
export const ARGS = ["--activerehashing", "no", "--hz", "100"]

/** Patient, because the machine may be busy: what is late is none of these tests' business. */
const PATIENCE_MS = 10_000
export const PATIENT = {
  commandTimeoutMs: PATIENCE_MS,
  acquireTimeoutMs: PATIENCE_MS,
  connectTimeoutMs: PATIENCE_MS,
} as const

/** How ioredis is made to speak as ours does. */
export const PLAIN = { protocol: 2, enableReadyCheck: false, disableClientInfo: true } as const

/** The transports whose connections can be leased; the others carry ordinary commands only. */
export const leasing = transports.filter(({ open }) => open("redis://127.0.0.1").traits.leases)

/**
 * One server, and our client and ioredis on it. They take turns: what a server answers depends on its hash seed and
 * its history, so that two servers would differ where two clients do not.
 */
export class Pair {
  readonly #transport: TransportCase
  #server: RedisServer | undefined
  #front: Front | undefined
  #ours: Redis | undefined
  #theirs: Ioredis | undefined
  readonly #more: (Redis | Ioredis)[] = []

  constructor(transport: TransportCase) {
    this.#transport = transport
  }

  get server(): RedisServer {
    return started(this.#server)
  }

  /** Where our transport connects to: the server, or what speaks for it. */
  get url(): string {
    return this.#front?.url ?? this.server.url
  }

  get ours(): Redis {
    return started(this.#ours)
  }

  get theirs(): Ioredis {
    return started(this.#theirs)
  }

  async start(): Promise<void> {
    this.#server = await startRedis({ args: ARGS })
    this.#front = await this.#transport.front?.(this.server.url)
    this.#ours = this.#connect({})
    this.#theirs = this.#connectTheirs({})
  }

  /** Another client of ours, closed after the test. */
  another(options: Partial<RedisOptions>): Redis {
    const redis = this.#connect(options)
    this.#more.push(redis)
    return redis
  }

  /** Another ioredis, closed after the test. */
  anotherOfTheirs(options: IoredisOptions): Ioredis {
    const redis = this.#connectTheirs(options)
    this.#more.push(redis)
    return redis
  }

  /** Empties the server: data, functions, scripts, users, logs, statistics. */
  async empty(): Promise<void> {
    await Promise.all(FORGET.map((command) => this.server.command(...command)))
  }

  /** A fingerprint of all data. */
  async digest(): Promise<unknown> {
    return this.server.command("DEBUG", "DIGEST")
  }

  async tidy(): Promise<void> {
    for (const client of this.#more.splice(0)) await close(client)
  }

  async stop(): Promise<void> {
    await this.#ours?.close()
    this.#theirs?.disconnect()
    await this.#front?.close()
    await this.#server?.close()
  }

  #connect(options: Partial<RedisOptions>): Redis {
    const transport = this.#transport.open(this.url)
    return createRedis({ ...PATIENT, ...options, transport })
  }

  #connectTheirs(options: IoredisOptions): Ioredis {
    return new Ioredis(this.server.url, { ...PLAIN, retryStrategy: () => null, ...options })
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("the pair was not started")
  return part
}

async function close(client: Redis | Ioredis): Promise<void> {
  if (client instanceof Ioredis) client.disconnect()
  else await client.close()
}

/** A pair of the tests around it, on an empty server before each. */
export function usePair(transport: TransportCase): Pair {
  const pair = new Pair(transport)
  beforeAll(() => pair.start())
  beforeEach(() => pair.empty())
  afterEach(() => pair.tidy())
  afterAll(() => pair.stop())
  return pair
}
