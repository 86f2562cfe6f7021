import type { Scope } from "./host.ts"

/** Counts the commands of one invocation (or of none) that have not settled yet. */
export class Ledger {
  readonly scope: Scope | undefined
  readonly #whole: Ledger | undefined
  #pending = 0
  /** Made when somebody waits. */
  #idle: PromiseWithResolvers<void> | undefined

  /** @param whole - The ledger of the client, which counts the commands of every invocation. */
  constructor(scope?: Scope, whole?: Ledger) {
    this.scope = scope
    this.#whole = whole
  }

  get isPending(): boolean {
    return this.#pending > 0
  }

  add(): void {
    this.#pending += 1
    this.#whole?.add()
    if (this.#pending === 1) this.scope?.track(this.settled())
  }

  done(): void {
    this.#pending -= 1
    this.#whole?.done()
    if (this.#pending > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }

  /** Resolves once nothing is pending, what callers issued on a reply included; never rejects. */
  async settled(): Promise<void> {
    while (this.#pending > 0) {
      this.#idle ??= Promise.withResolvers()
      await this.#idle.promise
    }
  }
}

/** Finds the ledger of the current invocation; one comparison when it is the same as last time. */
export class Ledgers {
  readonly #scopeOf: () => Scope | undefined
  /** Counts every command; those outside any invocation are in no other. */
  readonly whole = new Ledger()
  readonly #byScope = new WeakMap<Scope, Ledger>()
  #last = this.whole

  constructor(scopeOf: () => Scope | undefined) {
    this.#scopeOf = scopeOf
  }

  current(): Ledger {
    const scope = this.#scopeOf()
    if (scope !== this.#last.scope) this.#last = scope ? this.#of(scope) : this.whole
    return this.#last
  }

  #of(scope: Scope): Ledger {
    const ledger = this.#byScope.get(scope) ?? new Ledger(scope, this.whole)
    this.#byScope.set(scope, ledger)
    return ledger
  }
}
