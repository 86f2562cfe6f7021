import { type Connection, ConnectionError, type Reply, type Request } from "@warmpool/core"
import { backoffMs } from "@warmpool/core/exchange"
import { callError } from "./call-error.ts"
import type { Owing } from "./flight.ts"
import { letGo } from "./let-go.ts"
import { Messages, nameOf } from "./messages.ts"
import { type Peer, RpcConnection } from "./rpc-connection.ts"
import type { Kind, Opened, PoolService } from "./service.ts"
import { unpackError, type WireAnswer, type WireBatch } from "./wire.ts"

const SUBSCRIBING = /^([PS]?)(UN)?SUBSCRIBE$/i

/**
 * A connection of a lease. The pool leases one of its own to it with the first command. Subscriptions need none: the
 * pool carries those of all Workers on one.
 */
class SessionConnection extends RpcConnection implements Connection {
  readonly #service: PoolService
  readonly #shard: number
  readonly #messages = new Set<Messages>()
  #onPush: ((push: readonly Reply[]) => void) | undefined

  constructor(service: PoolService, shard: number, now: () => number) {
    super(new Session(service, shard, now), now)
    this.#service = service
    this.#shard = shard
  }

  onPush(listener: (push: readonly Reply[]) => void): void {
    this.#onPush = listener
  }

  override send(batch: readonly Owing[], signal?: AbortSignal): void {
    const [first] = batch
    const command = first !== undefined && "args" in first ? SUBSCRIBING.exec(String(first.args[0])) : null
    if (command === null) super.send(batch, signal)
    else this.#listen(command, batch as readonly Request[])
  }

  override close(): Promise<void> {
    this.#endMessages()
    return super.close()
  }

  override destroy(reason: Error): void {
    this.#endMessages()
    super.destroy(reason)
  }

  #listen([, letter = "", un]: RegExpExecArray, requests: readonly Request[]): void {
    const kind = letter.toLowerCase() as Kind
    if (un) {
      for (const request of requests) {
        for (const messages of this.#messages) messages.leave(kind, nameOf(request))
        request.resolve(null)
      }
      return
    }
    const messages = new Messages(kind, requests, {
      onPush: (push) => this.#onPush?.(push),
      onEnd: (reason) => this.destroy(reason),
    })
    this.#messages.add(messages)
    void messages
      .listen((listening) => this.#service.listen(this.#shard, listening))
      .then(() => this.#messages.delete(messages))
  }

  #endMessages(): void {
    for (const messages of this.#messages) messages.end()
    this.#messages.clear()
  }
}

/** Opens the connection of a lease; nothing is asked of the pool yet. */
export function openSession(service: PoolService, shard: number, now: () => number): Connection {
  return new SessionConnection(service, shard, now)
}

type Leased = Exclude<Opened, { refused: unknown }>

/** What the pool holds for a lease, from its first command on. */
class Session implements Peer {
  readonly #service: PoolService
  readonly #shard: number
  readonly #now: () => number
  #opening: Promise<Leased> | undefined
  #isOver = false

  constructor(service: PoolService, shard: number, now: () => number) {
    this.#service = service
    this.#shard = shard
    this.#now = now
  }

  async exchange(batch: WireBatch): Promise<WireAnswer> {
    this.#opening ??= this.#open(this.#now() + batch.patienceMs)
    const { session } = await this.#opening
    return session.exchange(batch)
  }

  /** Gives the lease back, also one that has yet to come. */
  dispose(): void {
    this.#isOver = true
    this.#opening?.then(letGo, ignore)
  }

  /** Asks until there is an answer: nothing is sent before. */
  async #open(until: number): Promise<Leased> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const opened = await this.#service.open(this.#shard, until - this.#now())
        if (!("refused" in opened)) return opened
        // There may be a lease for the next command.
        this.#opening = undefined
        throw unpackError(opened.refused)
      } catch (error) {
        const failure = callError(error, "unsent")
        const inMs = backoffMs(attempt)
        const isLost = failure !== error && failure instanceof ConnectionError
        if (!isLost || this.#now() + inMs >= until) throw failure
        await new Promise((resolve) => setTimeout(resolve, inMs))
        if (this.#isOver) throw failure
      }
    }
  }
}

function ignore(): void {}
