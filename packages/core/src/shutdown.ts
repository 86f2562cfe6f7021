import type { PortableRedis } from "./redis.ts"

/** What is needed of Node's `process`. */
export interface ShutdownProcess {
  prependOnceListener(signal: "SIGTERM", run: () => void): unknown
  listenerCount(signal: "SIGTERM"): number
  exit(code: number): unknown
}

/**
 * Closes clients on SIGTERM, those added until then too, so that the server is not left with dead sockets. Others who
 * listen finish their own work and exit themselves; without them this exits.
 *
 * @param drainMs - How long commands may take to finish; a server that is silent does not hold the process up.
 */
export function closeOnSigterm(
  clients: ReadonlySet<PortableRedis>,
  process: ShutdownProcess,
  drainMs: number,
): void {
  process.prependOnceListener("SIGTERM", async () => {
    // First in line, while those who listen once are still counted.
    const others = process.listenerCount("SIGTERM")
    await Promise.allSettled([...clients].map((redis) => closeSoon(redis, drainMs)))
    if (others === 0) process.exit(0)
  })
}

async function closeSoon(redis: PortableRedis, drainMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, drainMs)
  await Promise.race([redis.drain(), promise])
  clearTimeout(timer)
  await redis.close()
}
