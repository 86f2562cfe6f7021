import { blockingWaitMs } from "./commands/blocking.ts"
import { READ, specOf } from "./commands/table.ts"
import { ArgumentError, UnsupportedCommandError } from "./errors.ts"
import { issueAll, issueAtomic, PARTS, type Parts, type ToOutcome } from "./issue-all.ts"
import { kindOf } from "./kind.ts"
import { LeaseLane } from "./lease-lane.ts"
import type { Call } from "./pending.ts"
import { rawReply } from "./raw-reply.ts"
import type { Lease, PortableRedis } from "./redis.ts"
import { rejected } from "./stray.ts"
import type { Arg, Decode, Reply, Traits } from "./transport.ts"

export { UpstashScripts } from "./upstash-scripts.ts"

const decoder = new TextDecoder()

/** How the commands of one call are sent, and how their replies come. */
export interface RawOptions {
  readonly decode: Decode
  /** Rejects the whole with its reason; `fateOf` tells what became of it. */
  readonly signal?: AbortSignal | undefined
  /** In place of the client's `commandTimeoutMs`. */
  readonly timeoutMs?: number | undefined
}

/** One command: its name, then its arguments, flat. */
export type RawCommand = readonly Arg[]

/**
 * The lane under a client or a lease, for servers and adapters that carry other people's commands. Keys get no prefix,
 * replies are not transformed; deadlines, retries and fates are those of the client.
 */
export interface RawLane {
  readonly traits: Traits
  /**
   * Sends commands in order, together. Each outcome is the reply, or what the command failed with, as a value; a
   * command that has no place on this lane is an `UnsupportedCommandError` there, and the others run.
   */
  send(commands: readonly RawCommand[], options: RawOptions): Promise<(Reply | Error)[]>
  /**
   * Runs commands as one `MULTI … EXEC`; null when a watched key had changed.
   *
   * @throws ReplyError on EXECABORT; UnsupportedCommandError if one has no place in a transaction.
   */
  transact(commands: readonly RawCommand[], options: RawOptions): Promise<(Reply | Error)[] | null>
}

/**
 * The lane under a client, or under a lease.
 *
 * @throws ArgumentError for anything that `createRedis` or `acquire` did not make.
 */
export function laneOf(owner: PortableRedis | Lease): RawLane {
  const parts: unknown = (owner as { readonly [PARTS]?: unknown } | null)?.[PARTS]
  if (typeof parts !== "object" || parts === null)
    throw new ArgumentError("laneOf takes a client of createRedis, or a lease of its acquire")
  return new OpenLane(parts as Parts)
}

class OpenLane implements RawLane {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get traits(): Traits {
    return this.#parts.client.settings.transport.traits
  }

  send(commands: readonly RawCommand[], options: RawOptions): Promise<(Reply | Error)[]> {
    let extraMs = 0
    const calls = commands.map((command) => {
      const call = callOf(command, options.decode)
      const refusal = this.#admit(call)
      if (refusal === undefined) extraMs += blockingWaitMs(call.spec, call.args)
      return refusal ?? call
    })
    return issueAll({ ...this.#on(options), extraMs }, calls, outcomeOf(options))
  }

  transact(commands: readonly RawCommand[], options: RawOptions): Promise<(Reply | Error)[] | null> {
    const parts = this.#on(options)
    const calls = commands.map((command) => callOf(command, options.decode))
    const refusal = refusalOf(() => {
      for (const call of calls) parts.client.admit(call, "transaction")
    })
    return refusal ? rejected(refusal) : issueAtomic(parts, calls, outcomeOf(options))
  }

  /** The refusal of a command that this lane can't carry; a lease remembers those that change its connection. */
  #admit(call: Call): Error | undefined {
    const { client, lane } = this.#parts
    if (!(lane instanceof LeaseLane)) return refusalOf(() => client.admit(call, "pipeline"))
    const kind = kindOf(call)
    if (kind === "stateful") lane.note(call.spec)
    return kind === "unsendable" ? refusalOf(() => client.admit(call, "pipeline")) : undefined
  }

  #on({ signal, timeoutMs }: RawOptions): Parts {
    const { client, lane, how } = this.#parts
    const own = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) }
    return { client, lane, how: { ...how, ...own } }
  }
}

function callOf(args: RawCommand, decode: Decode): Call {
  const [name] = args
  const spec = specOf(typeof name === "string" ? name : decoder.decode(name))
  return { spec, decode, args, transform: undefined, replayable: (spec.flags & READ) !== 0 }
}

function refusalOf(admit: () => void): Error | undefined {
  try {
    admit()
    return undefined
  } catch (error) {
    if (error instanceof UnsupportedCommandError) return error
    throw error
  }
}

function outcomeOf({ decode }: RawOptions): ToOutcome<Reply | Error> {
  return (error, reply) => error ?? (decode === "raw" ? rawReply(reply as Reply) : (reply as Reply))
}
