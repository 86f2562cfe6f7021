import type { Host } from "./host.ts"

/** Waits of single commands before they are tried again; all end early when the client closes. */
export class Pauses {
  readonly #host: Host
  readonly #open = new Set<() => void>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Resolves after `ms`, or once the signal aborts or `end` is called. */
  begin(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        signal?.removeEventListener("abort", end)
        this.#open.delete(end)
        resolve()
      }
      const timer = this.#host.after(ms, end)
      signal?.addEventListener("abort", end)
      this.#open.add(end)
    })
  }

  end(): void {
    for (const end of [...this.#open]) end()
  }
}
