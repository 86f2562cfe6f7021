import { ConfigError, defaultHost, type Host, type PortableRedis, type Transport } from "@warmpool/core"
import { type OptionSpec, readOptions } from "@warmpool/core/config"
import { Invocation, type InvocationContext } from "./invocation.ts"
import { type Given, openFirst, refuseIgnored, type Way } from "./way.ts"

/** What an entry of this package is made of. */
export interface KitParts<R> {
  /** First match first. */
  readonly ways: readonly Way[]
  /** The options that say where the server is. */
  readonly server: OptionSpec
  /** The options of the client. */
  readonly client: OptionSpec
  create(options: { readonly transport: Transport; readonly host: Host }): R
  /** Closes connections that nobody uses any more, where there are any. */
  closeIdle?(redis: R): Promise<unknown>
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

  /** Ends what the invocation holds. A command that is sent all the same opens a connection, which the runtime closes. */
  async end({ redis, invocation }: Bound<R>): Promise<void> {
    await redis.settled()
    invocation.end()
    await this.#parts.closeIdle?.(redis)
  }

  #open(env: object, ctx: InvocationContext, options: OptionsOrMake<O, never> | undefined): Bound<R> {
    const { given, client } = this.#read(typeof options === "function" ? options(env as never) : options)
    const transport = openFirst(this.#parts.ways, given, env ?? {})
    const invocation = new Invocation(ctx)
    const host: Host = { ...defaultHost, scope: () => invocation }
    const redis = this.#parts.create({ ...client, transport, host })
    return { redis, invocation }
  }

  #read(options: unknown): { readonly given: Given; readonly client: object } {
    const { server, client } = this.#parts
    const read = Object.entries(readOptions("withRedis", { ...server, ...client }, options))
    const part = (wanted: "server" | "client"): object =>
      Object.fromEntries(
        read.filter(
          ([name, value]) => value !== undefined && Object.hasOwn(server, name) === (wanted === "server"),
        ),
      )
    const given: Given = part("server")
    refuseIgnored(given)
    return { given, client: part("client") }
  }
}
