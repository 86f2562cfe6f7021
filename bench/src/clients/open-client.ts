import type { BenchClient } from "./bench-client.ts"

/** A module for each, loaded only by the process that measures it; each gives a client whose connection stands. */
const OPEN = {
  warmpool: async (url: string) => (await import("./warmpool.ts")).openWarmpool(url, {}),
  "warmpool-patient": async (url: string) =>
    (await import("./warmpool.ts")).openWarmpool(url, { commandTimeoutMs: 60_000 }),
  ioredis: async (url: string) => (await import("./ioredis.ts")).openIoredis(url, {}),
  "ioredis-pipelining": async (url: string) =>
    (await import("./ioredis.ts")).openIoredis(url, { enableAutoPipelining: true }),
  "node-redis": async (url: string) => (await import("./node-redis.ts")).openNodeRedis(url, {}),
  "node-redis-untimed": async (url: string) =>
    (await import("./node-redis.ts")).openNodeRedis(url, { commandOptions: { timeout: undefined } }),
  "valkey-glide": async (url: string) => (await import("./valkey-glide.ts")).openGlide(url),
  "warmpool-http": async (url: string) =>
    (await import("./warmpool-http.ts")).openWarmpoolHttp(url, "node:http"),
  "warmpool-fetch": async (url: string) =>
    (await import("./warmpool-http.ts")).openWarmpoolHttp(url, "fetch"),
  upstash: async (url: string) => (await import("./upstash.ts")).openUpstash(url),
} satisfies Record<string, (url: string) => Promise<BenchClient>>

export type ClientName = keyof typeof OPEN

/** Opens a client by name. */
export function openClient(name: ClientName, url: string): Promise<BenchClient> {
  return OPEN[name](url)
}
