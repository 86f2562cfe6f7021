import { type Connection, ConnectionError, type Owed } from "@warmpool/core"
import { callError } from "./call-error.ts"
import { deliver, type Owing, wireBatch } from "./flight.ts"
import type { WireAnswer, WireBatch } from "./wire.ts"

/** Whom a connection calls. */
export interface Peer {
  exchange(batch: WireBatch): Promise<WireAnswer>
  /** Where the other side holds something for this connection: lets go of it. Then a lost call is the end. */
  dispose?(): void
}

/** A way to the pool by calls of its methods, one for each batch. What is lost with a call is unknown. */
export class RpcConnection implements Connection {
  readonly backlog = 0
  readonly #peer: Peer
  readonly #now: () => number
  readonly #flights = new Set<readonly Owing[]>()
  readonly #listeners: ((reason: Error) => void)[] = []
  #received = 0
  #ended: Error | undefined
  #isGone = false
  #onEmpty: (() => void) | undefined

  /** @param now - The time on the scale of the requests' deadlines. */
  constructor(peer: Peer, now: () => number) {
    this.#peer = peer
    this.#now = now
  }

  get owed(): number {
    let owed = 0
    for (const flight of this.#flights) owed += flight.length
    return owed
  }

  /** Answers, not bytes: the runtime does not tell their size. */
  get received(): number {
    return this.#received
  }

  /** A call has no socket that could have died unnoticed: it fails by itself. */
  get lastByteAt(): number {
    return Date.now()
  }

  send(batch: readonly Owing[], signal?: AbortSignal): void {
    const ended = this.#ended
    if (ended) for (const owed of batch) owed.lose("unsent", ended)
    else void this.#fly(batch, signal)
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const flight of [...this.#flights]) for (const owed of flight) visit(owed as Owed<unknown>)
  }

  onWritable(): void {}

  onClose(listener: (reason: Error) => void): void {
    if (this.#isGone && this.#ended) listener(this.#ended)
    else this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    this.#ended ??= new ConnectionError("the connection was closed")
    if (this.#flights.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    this.#finish(this.#ended)
  }

  destroy(reason: Error): void {
    this.#ended ??= reason
    for (const flight of [...this.#flights]) this.#lose(flight, reason)
    this.#finish(this.#ended)
  }

  async #fly(flight: readonly Owing[], signal: AbortSignal | undefined): Promise<void> {
    this.#flights.add(flight)
    const onAbort = (): void => this.#lose(flight, new ConnectionError("every caller gave up"))
    signal?.addEventListener("abort", onAbort, { once: true })
    try {
      const answer = await this.#peer.exchange(wireBatch(flight, this.#now()))
      this.#received += 1
      if (this.#land(flight)) deliver(flight, answer)
    } catch (error) {
      const failure = callError(error)
      if (!this.#land(flight)) return
      deliver(flight, failure)
      if (!(failure instanceof ConnectionError && this.#peer.dispose)) return
      // What waited with it, for a lease that never came, was not sent either.
      for (const other of [...this.#flights]) if (this.#land(other)) deliver(other, failure)
      this.destroy(failure)
    } finally {
      signal?.removeEventListener("abort", onAbort)
    }
  }

  /** @returns false if it was given up before. */
  #land(flight: readonly Owing[]): boolean {
    const isAwaited = this.#flights.delete(flight)
    if (this.#flights.size === 0) this.#onEmpty?.()
    return isAwaited
  }

  #lose(flight: readonly Owing[], reason: Error): void {
    if (this.#land(flight)) for (const owed of flight) owed.lose("unknown", reason)
  }

  #finish(reason: Error): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#peer.dispose?.()
    for (const listener of this.#listeners.splice(0)) listener(reason)
  }
}
