import type { Redis } from "@warmpool/core"

/** Vercel sends SIGKILL 500 ms after SIGTERM: what has not finished by then is cut off by us, in order. */
const DRAIN_MS = 300

/** Closes clients when Vercel shuts the instance down, so that the server is not left with dead sockets. */
export class Shutdown {
  readonly #clients = new Set<Redis>()
  #listening = false

  /** The client is closed on SIGTERM, which Vercel sends to every instance. */
  close(redis: Redis): void {
    this.#clients.add(redis)
    if (this.#listening) return
    this.#listening = true
    // First in line, while those who listen once are still counted.
    process.prependOnceListener("SIGTERM", () => void this.#run(process.listenerCount("SIGTERM")))
  }

  /** Others who listen finish their own work and exit themselves; without them this is the last. */
  async #run(others: number): Promise<void> {
    await Promise.allSettled([...this.#clients].map(closeSoon))
    if (others === 0) process.exit(0)
  }
}

/** Lets commands finish for a moment; a server that is silent does not hold the instance up. */
async function closeSoon(redis: Redis): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, DRAIN_MS)
  await Promise.race([redis.drain(), promise])
  clearTimeout(timer)
  await redis.close()
}
