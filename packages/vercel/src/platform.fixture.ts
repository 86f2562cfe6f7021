import { AsyncLocalStorage } from "node:async_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { PlatformRequest } from "./request-context.ts"

const SOURCE = Symbol.for("@vercel/request-context")

/** One request as Vercel runs it. */
export interface Run<R> {
  readonly answer: Promise<R>
  /** What was given to `waitUntil`, as it is given. */
  readonly waits: Promise<unknown>[]
}

/** Vercel's side of an instance: the request context under its symbol, as the platform keeps it. */
export class Platform {
  readonly #storage = new AsyncLocalStorage<PlatformRequest>()

  /** Stands there until disposed of. */
  constructor() {
    Reflect.set(globalThis, SOURCE, { get: () => this.#storage.getStore() })
  }

  /** Runs work as one request. */
  request<R>(work: () => Promise<R>, about: { readonly deadline?: string } = {}): Run<R> {
    const waits: Promise<unknown>[] = []
    const context = { ...about, waitUntil: (promise: Promise<unknown>) => void waits.push(promise) }
    return { answer: this.#storage.run(context, work), waits }
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(globalThis, SOURCE)
  }
}

/** Whether a promise has settled by now. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.finally(() => {
    settled = true
  })
  await sleep(0)
  return settled
}
