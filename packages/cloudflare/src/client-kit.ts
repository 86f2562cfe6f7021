import { ConfigError, defaultHost, type Host, type PortableRedis, type Transport } from "@warmpool/core"
import { type OptionSpec, readOptions } from "@warmpool/core/config"
import type { Invocation, InvocationContext } from "./invocation.ts"
import type { Env, Given } from "./way.ts"

/** What an entry of this package is made of. */
export interface KitParts<R> {
  /** The options of the client, and those that say where the server is. */
  readonly spec: OptionSpec
  /** Opens the way to the server. Throws ConfigError when there is none. */
  open(given: Given, env: Env): Transport
  begin(ctx: InvocationContext): Invocation
  create(options: { readonly transport: Transport; readonly host: Host }): R
}

/** Options, or what makes them of the `env` that they depend on. */
export type OptionsOrMake<O, Env> = O | ((env: Env) => O)

/** `bindRedis` of an entry, whose client is an `R` and takes `O`. */
export type BindRedis<R, O> = <Env extends object>(
  env: Env,
  ctx: InvocationContext,
  options?: OptionsOrMake<O, Env>,
) => R

/** A client and the invocation it belongs to. */
export interface Bound<R> {
  readonly redis: R
  readonly invocation: Invocation
}

/** Makes one client for each invocation, and nothing before the first. */
export class ClientKit<R extends PortableRedis, O extends object> {
  readonly #parts: KitParts<R>
  readonly #bound = new WeakMap<object, Map<unknown, Bound<R>>>()

  constructor(parts: KitParts<R>) {
    this.#parts = parts
  }

  /** Throws ConfigError for options that are wrong whatever `env` holds. */
  check(options: OptionsOrMake<O, never> | undefined): void {
    if (typeof options !== "function") this.#read(options)
  }

  /** The client of this invocation: the same for the same `ctx` and options. */
  bind<Env extends object>(
    env: Env,
    ctx: InvocationContext,
    options: OptionsOrMake<O, Env> | undefined,
  ): Bound<R> {
    if (typeof ctx?.waitUntil !== "function") {
      throw new ConfigError("bindRedis(env, ctx): ctx is not the context of a handler or a Durable Object")
    }
    const known = this.#bound.get(ctx) ?? new Map<unknown, Bound<R>>()
    this.#bound.set(ctx, known)
    const bound = known.get(options) ?? this.#open(env, ctx, options)
    known.set(options, bound)
    return bound
  }

  #open(env: object, ctx: InvocationContext, options: OptionsOrMake<O, never> | undefined): Bound<R> {
    const { begin, create, open } = this.#parts
    const { given, client } = this.#read(typeof options === "function" ? options(env as never) : options)
    const transport = given.transport ?? open(given, (env ?? {}) as Env)
    const invocation = begin(ctx)
    const host: Host = { ...defaultHost, scope: () => invocation }
    return { redis: create({ ...client, transport, host }), invocation }
  }

  /** Options by who takes them. Throws ConfigError for one that another would make meaningless. */
  #read(options: unknown): { readonly given: Given; readonly client: object } {
    const { transport, binding, way, url, token, name, ...client } = readOptions(
      "withRedis",
      this.#parts.spec,
      options,
    )
    const given = { transport, binding, way, url, token, name } as Given
    const [first = "", ...others] = Object.entries(given).flatMap(([option, value]) =>
      value === undefined ? [] : [option],
    )
    if (others[0] && (given.transport ?? given.binding))
      throw new ConfigError(`${first} says where the server is: leave out ${others}`)
    return { given, client }
  }
}
