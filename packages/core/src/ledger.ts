import type { Scope } from "./host.ts"

/** Counts the commands of one invocation (or of none) that have not settled yet. */
export class Ledger {
  readonly scope: Scope | undefined
  readonly #whole: Ledger | undefined
  #pending = 0
  #waiting: (() => void)[] = []

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
    if (this.#pending === 1 && this.scope) this.scope.track(this.settled())
  }

  done(): void {
    this.#pending -= 1
    this.#whole?.done()
    if (this.#pending > 0 || this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves once nothing is pending, what callers issued on a reply included; never rejects. */
  async settled(): Promise<void> {
    while (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }
}

/** Finds the ledger of the current invocation; one comparison when it is the same as last time. */
export class Ledgers {
  readonly #scopeOf: (() => Scope | undefined) | undefined
  /** Counts every command; those outside any invocation are in no other. */
  readonly whole = new Ledger()
  readonly #byScope = new WeakMap<Scope, Ledger>()
  #last = this.whole

  constructor(scopeOf: (() => Scope | undefined) | undefined) {
    this.#scopeOf = scopeOf
  }

  current(): Ledger {
    if (this.#scopeOf === undefined) return this.whole
    const scope = this.#scopeOf()
    if (scope === this.#last.scope) return this.#last
    this.#last = scope === undefined ? this.whole : this.#of(scope)
    return this.#last
  }

  #of(scope: Scope): Ledger {
    const known = this.#byScope.get(scope)
    if (known) return known
    const ledger = new Ledger(scope, this.whole)
    this.#byScope.set(scope, ledger)
    return ledger
  }
}
