import { errors, Redis, type Requester, type UpstashRequest, type UpstashResponse } from "@upstash/redis"
import {
  ArgumentError,
  type PortableRedis,
  type Redis as RedisOverConnections,
  type Reply,
  ReplyError,
  UnsupportedCommandError,
} from "@warmpool/core"
import { laneOf, type RawCommand, type RawLane, type RawOptions, UpstashScripts } from "@warmpool/core/lane"

/**
 * A `Redis` of `@upstash/redis` over a client of ours: what is written against Upstash runs on a warm pool. Errors of
 * the server are `UpstashError`; where there is no reply, they are ours, with their fate. Keys get no prefix.
 *
 * @throws ArgumentError for anything that is not a client of ours.
 */
export function asUpstash(redis: PortableRedis | RedisOverConnections): Redis {
  return new Redis(new LaneRequester(redis))
}

/** What one command came to, as Upstash answers it. */
type Item = UpstashResponse<Reply>

class LaneRequester implements Requester {
  readonly #redis: PortableRedis | RedisOverConnections
  readonly #lane: RawLane
  readonly #scripts = new UpstashScripts()

  constructor(redis: PortableRedis | RedisOverConnections) {
    this.#redis = redis
    this.#lane = laneOf(redis)
  }

  /** Answers as Upstash's REST API does; a pipeline's answer is an array, which the declared type leaves out. */
  async request<T>(request: UpstashRequest): Promise<UpstashResponse<T>> {
    return (await this.#answer(request)) as UpstashResponse<T>
  }

  #answer(request: UpstashRequest): Promise<Item | Item[]> {
    const { path: [where, ...names] = [], body, signal } = request
    const options: RawOptions = { decode: "text", signal }
    if (where === undefined) return this.#one(toCommand(body), options)
    if (where === "pipeline") return this.#pipeline(toCommands(body), options)
    if (where === "multi-exec") return this.#transaction(toCommands(body), options)
    if (where === "subscribe" || where === "psubscribe") return this.#subscribe(where, names, request)
    return this.#one([where, ...names, ...(body === undefined ? [] : toCommand(body))], options)
  }

  async #one(command: RawCommand, options: RawOptions): Promise<Item> {
    const [outcome] = await this.#lane.send([this.#scripts.translate(command)], options)
    return toItem(outcome ?? null)
  }

  async #pipeline(commands: readonly RawCommand[], options: RawOptions): Promise<Item[]> {
    return (await this.#lane.send(this.#translated(commands), options)).map(toItem)
  }

  async #transaction(commands: readonly RawCommand[], options: RawOptions): Promise<Item[]> {
    try {
      return ((await this.#lane.transact(this.#translated(commands), options)) ?? []).map(toItem)
    } catch (error) {
      if (error instanceof ReplyError || error instanceof UnsupportedCommandError)
        throw new errors.UpstashError(error.message, { cause: error })
      throw error
    }
  }

  #translated(commands: readonly RawCommand[]): RawCommand[] {
    return commands.map((command) => this.#scripts.translate(command))
  }

  /** Resolves once the server has confirmed; messages come as the lines of Upstash's event stream. */
  async #subscribe(
    kind: "subscribe" | "psubscribe",
    names: readonly string[],
    { onMessage, signal }: UpstashRequest,
  ): Promise<Item> {
    const redis = this.#redis
    if (!("subscribe" in redis)) throw new errors.UpstashError(`${kind}: this client has no subscriptions`)
    const subscription = redis[kind](names, { signal })
    await subscription.ready
    names.forEach((name, index) => {
      onMessage?.(`${kind},${name},${index + 1}`)
    })
    const listen = async (): Promise<void> => {
      for await (const { pattern, channel, message } of subscription)
        onMessage?.(
          pattern === undefined
            ? `message,${channel},${message}`
            : `pmessage,${pattern},${channel},${message}`,
        )
    }
    listen().catch((error: unknown) => {
      if (!signal?.aborted)
        onMessage?.(`error,${names[0]},${error instanceof Error ? error.message : "lost"}`)
    })
    return { result: 1 }
  }
}

/** The server's word on a command, as Upstash puts it. What has no reply is thrown as it is, with its fate. */
function toItem(outcome: Reply | Error): Item {
  if (!(outcome instanceof Error)) return { result: plain(outcome) }
  if (outcome instanceof ReplyError || outcome instanceof UnsupportedCommandError)
    return { error: outcome.message }
  throw outcome
}

/** An error within a reply has no other place than its text. */
function plain(reply: Reply): Reply {
  if (reply instanceof Error) return reply.message
  return Array.isArray(reply) ? reply.map(plain) : reply
}

function toCommands(body: unknown): RawCommand[] {
  if (!Array.isArray(body)) throw new ArgumentError("a request to /pipeline or /multi-exec holds no commands")
  return body.map(toCommand)
}

/** As Upstash reads JSON: numbers and booleans are their text, and what is missing is no argument. */
function toCommand(body: unknown): RawCommand {
  if (!Array.isArray(body)) throw new ArgumentError("a request holds no command")
  return body.map((arg: unknown) => {
    if (arg === undefined || arg === null || typeof arg === "object")
      throw new errors.UpstashError("ERR an argument must be a string, a number or a boolean")
    return String(arg)
  })
}
