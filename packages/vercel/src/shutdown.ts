import type { Redis } from "@warmpool/core"
import { closeOnSigterm } from "@warmpool/core/shutdown"

/** Vercel sends SIGKILL 500 ms after SIGTERM: what has not finished by then is cut off by us, in order. */
const DRAIN_MS = 300

/** Closes clients when Vercel shuts the instance down, so that the server is not left with dead sockets. */
export class Shutdown {
  readonly #clients = new Set<Redis>()

  /** The client is closed on SIGTERM, which Vercel sends to every instance. */
  close(redis: Redis): void {
    const isFirst = this.#clients.size === 0
    this.#clients.add(redis)
    if (isFirst) closeOnSigterm(this.#clients, process, DRAIN_MS)
  }
}
