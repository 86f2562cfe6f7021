/** What is needed of `AsyncLocalStorage`, which Node and the Edge runtime keep in different places. */
export interface Storage<S> {
  getStore(): S | undefined
  run<R>(scope: S, work: () => R): R
}

/** Knows which request the running code belongs to: an instance serves many at once. */
export class Requests<S extends { readonly ended: boolean }> {
  readonly #storage: Storage<S> | undefined

  /** @param storage - Without one nobody knows: requests then have no deadline of their own. */
  constructor(storage: Storage<S> | undefined) {
    this.#storage = storage
  }

  get current(): S | undefined {
    const scope = this.#storage?.getStore()
    return scope?.ended ? undefined : scope
  }

  run<R>(scope: S, work: () => R): R {
    return this.#storage ? this.#storage.run(scope, work) : work()
  }
}
