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

  /** From now on each invocation runs in a context of its own, as Lambda Managed Instances need it. */
  overlap(): void {
    this.#storage ??= new AsyncLocalStorage()
  }

  get current(): Invocation | undefined {
    const current = this.#storage?.getStore() ?? this.#alone
    return current?.ended ? undefined : current
  }

  /** Runs `work` as the invocation. Invocations that overlap never see each other's. */
  async run<R>(invocation: Invocation, work: () => R | Promise<R>): Promise<R> {
    if (this.#running > 0) this.overlap()
    this.#running += 1
    try {
      if (this.#storage) return await this.#storage.run(invocation, work)
      this.#alone = invocation
      return await work()
    } finally {
      this.leave(invocation)
    }
  }

  /** Makes the rest of the caller's asynchronous function the invocation, up to `leave`; for hooks around a handler. */
  enter(invocation: Invocation): void {
    if (this.#running > 0) this.overlap()
    this.#running += 1
    if (this.#storage) this.#storage.enterWith(invocation)
    else this.#alone = invocation
  }

  leave(invocation: Invocation): void {
    this.#running -= 1
    if (this.#alone === invocation) this.#alone = undefined
  }
}

/** The invocations of this sandbox. Every entry of the package shares them. */
export const invocations = new Invocations()
