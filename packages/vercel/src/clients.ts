import type { Redis } from "@warmpool/core"
import type { VercelRedisOptions } from "./options.ts"

/** What tells one client from another. */
export interface Configuration {
  readonly options: VercelRedisOptions
  /** What the environment adds to the options; empty while it says nothing. */
  readonly found: string
  /** In development modules are reloaded, and clients left behind. */
  readonly mode: "development" | "production"
}

/** A client as the copy of this package that made it knows it: another copy has another core. */
export interface Made {
  readonly redis: Redis
  isOpen(): boolean
  closeIdle(): Promise<unknown>
}

interface Known {
  found: string
  readonly made: Made
}

/** The clients of a process, one for each configuration: modules run again at a hot reload, and once for every bundle. */
export class Clients {
  readonly #known = new Map<string, Known>()
  /** Numbers for what has no text of its own, such as a transport. */
  readonly #numbers = new WeakMap<object, number>()
  #count = 0

  /**
   * The client of a configuration. Where the environment has changed under the same options, the one before is drained.
   * In development all others give up their idle connections: perhaps nobody holds them, and who does opens another.
   */
  share({ options, found, mode }: Configuration, make: () => Made): Redis {
    const name = this.#nameOf(options)
    const known = this.#known.get(name)
    if (known?.made.isOpen()) {
      // It was made before the environment was complete, and has looked, or will look, for itself.
      if (known.found === "") known.found = found
      if (known.found === found) return known.made.redis
      void known.made.redis.drain()
    }
    if (mode === "development") for (const other of this.#known.values()) void other.made.closeIdle()
    const made = make()
    this.#known.set(name, { found, made })
    return made.redis
  }

  #nameOf({ transport, ...others }: VercelRedisOptions): string {
    const given = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1))
    const number = (_key: string, value: unknown): unknown =>
      typeof value === "function" ? this.#numberOf(value) : value
    return JSON.stringify([given, transport && this.#numberOf(transport)], number)
  }

  #numberOf(value: object): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    this.#count += 1
    this.#numbers.set(value, this.#count)
    return this.#count
  }
}
