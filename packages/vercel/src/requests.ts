import type { RequestScope } from "./request-scope.ts"

/** What is needed of `AsyncLocalStorage`, which Node and the Edge runtime keep in different places. */
export interface Storage {
  getStore(): RequestScope | undefined
  run<R>(scope: RequestScope, work: () => R): R
}

/** Knows which request the running code belongs to: an instance serves many at once. */
export class Requests {
  readonly #storage: Storage | undefined

  /** @param storage - Without one nobody knows: requests then have no deadline of their own. */
  constructor(storage: Storage | undefined) {
    this.#storage = storage
  }

  get current(): RequestScope | undefined {
    const scope = this.#storage?.getStore()
    return scope?.ended ? undefined : scope
  }

  run<R>(scope: RequestScope, work: () => R): R {
    return this.#storage ? this.#storage.run(scope, work) : work()
  }
}
