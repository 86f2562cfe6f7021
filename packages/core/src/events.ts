import type { BatchEnd } from "./batch-watch.ts"
import type { Host } from "./host.ts"

/** What each event carries. No event holds a key, a value, a password or a token. */
export interface EventDetails {
  /** A connection opened. */
  open: { readonly id: number; readonly tookMs: number }
  /** A connection closed, by either side. */
  close: { readonly id: number; readonly livedMs: number }
  /** A connection was given up. */
  evict: { readonly id: number; readonly reason: string }
  /** A connection was silent for so long that it is validated before it is trusted. */
  thaw: { readonly id: number; readonly silentMs: number }
  /** Something is tried again: a connect, or commands whose fate allows it. */
  retry: {
    readonly what: "connect" | "commands" | "subscriptions"
    readonly count: number
    readonly inMs: number
  }
  /** A command got no reply before its deadline. */
  timeout: { readonly command: string; readonly fate: "unsent" | "unknown"; readonly waitedMs: number }
  /** A connection was leased. */
  lease: { readonly id: number; readonly waitedMs: number }
  /** A lease was held too long, or not given back; `stack` is where it was acquired, if somebody listened then. */
  leak: { readonly id: number; readonly heldMs: number; readonly stack: string }
  /** Subscriptions were lost and made anew: messages in between were missed. */
  gap: { readonly subscriptions: number }
  /** Requests went out together; `command` is the one they all are, or `BATCH`. `done` never rejects. */
  batch: {
    readonly id: number
    readonly size: number
    readonly command: string
    readonly done: Promise<BatchEnd>
  }
}

/** What `on` listens for. */
export type EventName = keyof EventDetails

/** All of them. */
export const EVENT_NAMES: readonly EventName[] = [
  "open",
  "close",
  "evict",
  "thaw",
  "retry",
  "timeout",
  "lease",
  "leak",
  "gap",
  "batch",
]

/** Hands events to listeners and to the host. A listener that throws never harms a command. */
export class Events {
  readonly #host: Host
  readonly #listeners = new Set<{ readonly name: EventName; readonly run: (detail: never) => void }>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Whether anybody would see this event; ask before building its detail. */
  wanted(name: EventName): boolean {
    for (const listener of this.#listeners) if (listener.name === name) return true
    const { publish, subscribed } = this.#host
    return publish !== undefined && (subscribed?.call(this.#host, name) ?? true)
  }

  on<N extends EventName>(name: N, run: (detail: EventDetails[N]) => void): () => void {
    const listener = { name, run }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit<N extends EventName>(name: N, detail: EventDetails[N]): void {
    for (const listener of [...this.#listeners])
      if (listener.name === name) this.#run(() => (listener.run as (d: typeof detail) => void)(detail))
    this.#run(() => this.#host.publish?.(name, detail))
  }

  /** A throwing listener surfaces as an uncaught error of its own, not as the failure of a command. */
  #run(notify: () => void): void {
    try {
      notify()
    } catch (error) {
      this.#host.after(0, () => {
        throw error
      })
    }
  }
}
