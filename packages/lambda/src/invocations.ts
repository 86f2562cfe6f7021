import { AsyncLocalStorage } from "node:async_hooks"
import type { Invocation } from "./invocation.ts"

/**
 * Knows which invocation the running code belongs to. One at a time is a plain variable; as soon as two overlap, each
 * runs in an asynchronous context of its own, which costs Node 22 a quarter of its speed and Node 24 nothing.
 */
export class Invocations {
  #storage: AsyncLocalStorage<Invocation> | undefined
  #alone: Invocation | undefined
  #running = 0

  /** @param concurrent - Whether invocations are known to overlap, as on Lambda Managed Instances. */
  constructor(concurrent: "one at a time" | "several at once") {
    if (concurrent === "several at once") this.#storage = new AsyncLocalStorage()
  }

  get current(): Invocation | undefined {
    const current = this.#storage?.getStore() ?? this.#alone
    return current?.ended ? undefined : current
  }

  /** Runs `work` as the invocation. Invocations that overlap never see each other's. */
  async run<R>(invocation: Invocation, work: () => R | Promise<R>): Promise<R> {
    if (this.#running > 0) this.#storage ??= new AsyncLocalStorage()
    this.#running += 1
    try {
      if (this.#storage) return await this.#storage.run(invocation, work)
      this.#alone = invocation
      return await work()
    } finally {
      this.#running -= 1
      if (this.#alone === invocation) this.#alone = undefined
    }
  }
}
