/** What the runtime lends core; each platform package brings one. */
export interface Host {
  /** Wall clock, ms. */
  now(): number
  /** Runs once after `ms`, or after a thaw if the process was frozen then. */
  after(ms: number, run: () => void): Timer
  /** Runs at the end of the current tick: `setImmediate` where there is one, else a microtask. */
  tick(run: () => void): void
  /** One turn of the event loop, I/O polled. */
  turn(): Promise<void>
  /** The current invocation; undefined outside one. */
  scope?(): Scope | undefined
  /** Hands an event to the runtime's own channels. */
  publish?(event: string, detail: object): void
  /** Whether `publish` of this event would reach anybody; nothing is built for it otherwise. */
  subscribed?(event: string): boolean
}

/** A timer that can be called off. */
export interface Timer {
  cancel(): void
}

/** One invocation of a function. */
export interface Scope {
  /** When the platform ends the invocation: wall clock, ms; `Infinity` when nobody knows. */
  readonly endsAt: number
  /** Aborts with the invocation, where the platform tells. */
  readonly signal?: AbortSignal
  /** Given a promise that resolves once the commands issued so far have settled; it never rejects. */
  track(done: Promise<unknown>): void
  /** Runs `run` once the invocation has ended; leases that it did not give back are taken back then. */
  onEnd?(run: () => void): void
}

const immediate: ((run: () => void) => unknown) | undefined = Reflect.get(globalThis, "setImmediate")

/** A host made of what every runtime has: `Date`, `setTimeout`, and `setImmediate` where it exists. */
export const defaultHost: Host = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { cancel: () => clearTimeout(timer) }
  },
  tick: immediate ?? ((run) => queueMicrotask(run)),
  turn: () => new Promise((resolve) => void (immediate ?? setTimeout)(resolve)),
}
