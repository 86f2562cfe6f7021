import { integer, readOptions } from "./config/options.ts"
import { ArgumentError, type PoolClosedError, WarmpoolError } from "./errors.ts"
import { aSignal } from "./how.ts"
import { harmless } from "./stray.ts"

/** A message as its subscriber gets it. */
export interface Message {
  readonly channel: string
  readonly message: string
  /** The pattern that matched, of `psubscribe`. */
  readonly pattern?: string
}

/** What `subscribe` and its kin take. */
export interface SubscribeOptions {
  /** Ends the subscription; its consumer gets the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Most messages that may wait for their consumer. @defaultValue 1_000 */
  readonly maxBuffered?: number | undefined
}

/** Messages as they come. Ends with `break`, `close()` or the signal; subscribed from the call on. */
export interface Subscription extends AsyncIterable<Message>, AsyncDisposable {
  /** Resolves once the server has confirmed every channel; rejects if it refuses. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** The consumer of a subscription is too far behind; what it has not read is lost. */
export class SlowConsumerError extends WarmpoolError {
  override readonly name = "SlowConsumerError"
  readonly code = "ERR_SLOW_CONSUMER"

  constructor(maxBuffered: number) {
    super(`the consumer is ${maxBuffered} messages behind: read faster, or raise maxBuffered`)
  }
}

/** Plain channels, patterns, shard channels: the first letter of the command. */
export type Kind = "" | "p" | "s"

type Next = IteratorResult<Message, undefined>

/** One caller's subscription: what came and was not read yet, and who waits for more. */
export class Feed implements Subscription {
  readonly kind: Kind
  readonly names: readonly string[]
  readonly ready: Promise<void>
  readonly confirm: () => void
  readonly #maxBuffered: number
  readonly #onEnd: (feed: Feed) => void
  readonly #refuse: (error: unknown) => void
  #buffer: Message[] = []
  readonly #waiting: ((result: Next | Promise<Next>) => void)[] = []
  #ended = false
  #error: { readonly reason: unknown } | undefined

  constructor(
    kind: Kind,
    names: readonly string[],
    options: { maxBuffered: number; onEnd: (feed: Feed) => void },
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.kind = kind
    this.names = names
    this.ready = harmless(promise)
    this.confirm = resolve
    this.#refuse = reject
    this.#maxBuffered = options.maxBuffered
    this.#onEnd = options.onEnd
  }

  push(message: Message): void {
    if (this.#ended) return
    const waiting = this.#waiting.shift()
    if (waiting) waiting({ done: false, value: message })
    else if (this.#buffer.length < this.#maxBuffered) this.#buffer.push(message)
    else this.fail(new SlowConsumerError(this.#maxBuffered))
  }

  /** Ends with an error, which whoever reads gets once. */
  fail(reason: unknown): void {
    if (this.#ended) return
    this.#error = { reason }
    this.#end(reason)
  }

  /** Ends quietly, as `close` and a draining client do. */
  finish(reason?: PoolClosedError): void {
    if (!this.#ended) this.#end(reason ?? new Error("the subscription was closed"))
  }

  async close(): Promise<void> {
    this.finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.finish()
        return { done: true, value: undefined }
      },
    }
  }

  async #next(): Promise<Next> {
    const value = this.#buffer.shift()
    if (value) return { done: false, value }
    const error = this.#error
    this.#error = undefined
    if (error) throw error.reason
    if (this.#ended) return { done: true, value: undefined }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #end(reason: unknown): void {
    this.#ended = true
    this.#refuse(reason)
    this.#onEnd(this)
    if (this.#error) this.#buffer = []
    for (const resolve of this.#waiting.splice(0)) resolve(this.#next())
  }
}

const subscribeSpec = { signal: aSignal, maxBuffered: integer(1, Number.POSITIVE_INFINITY, 1_000) }

/** @throws ArgumentError for names that are none, or a wrong option. */
export function checkSubscribing(kind: Kind, names: string | readonly string[], options: SubscribeOptions) {
  // A second name or a callback, as other clients take them: it would seem to work and never be called.
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(
      `${kind}subscribe: pass the names as one array, and read the messages with for await: there are no callbacks`,
    )
  }
  const where = `${kind}subscribe`
  const { signal, maxBuffered } = readOptions(where, subscribeSpec, options, ArgumentError)
  const given: unknown = names
  const list: readonly string[] = Array.isArray(given) ? [...given] : [names as string]
  if (list.length === 0 || list.some((name) => typeof name !== "string")) {
    throw new ArgumentError(`${where}: pass the names as strings, at least one`)
  }
  return { list, signal, maxBuffered }
}
