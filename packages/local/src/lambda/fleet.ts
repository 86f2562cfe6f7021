import { Guard } from "../guard.ts"
import { LambdaClosedError, SandboxInitError } from "./errors.ts"
import type { Invocation } from "./invocation.ts"
import type { Settings } from "./options.ts"
import type { Outcome } from "./outcome.ts"
import { Sandbox, type SandboxStart, type SandboxState } from "./sandbox.ts"

/** One sandbox as `sandboxes()` lists it. */
export interface SandboxInfo {
  readonly id: string
  readonly pid: number | undefined
  readonly state: SandboxState
  readonly invocations: number
}

/** What happened so far, and what goes on now. */
export interface LambdaStats {
  readonly invocations: number
  /** Sandboxes started for an invocation that had to wait for them. */
  readonly coldStarts: number
  /** Sandboxes started ahead by `prewarm`. */
  readonly prewarmed: number
  readonly throttled: number
  /** Invocations that ended with a function error. */
  readonly errors: number
  readonly reaped: number
  readonly running: number
  readonly queued: number
  /** Sandboxes that are frozen or wait for an event. */
  readonly idle: number
}

/** An invocation's end, with the tail of its log. */
export interface Finished {
  readonly outcome: Outcome
  readonly logTail: string
}

/** The sandboxes of one function: the one used last first, a new one when none is idle, up to `concurrency`. */
export class Fleet {
  readonly #settings: Settings
  readonly #guard = new Guard()
  readonly #sandboxes = new Set<Sandbox>()
  /** The one used last is the last. */
  readonly #idle: Sandbox[] = []
  readonly #queue: Invocation[] = []
  readonly #reapers = new Map<Sandbox, NodeJS.Timeout>()
  readonly #counts = { invocations: 0, coldStarts: 0, prewarmed: 0, throttled: 0, errors: 0, reaped: 0 }
  readonly #quiet: (() => void)[] = []
  #running = 0
  #closed: Promise<void> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Runs an invocation; undefined when every sandbox runs one already: the caller is throttled. */
  invoke(invocation: Invocation): Promise<Finished> | undefined {
    if (this.#closed) throw new LambdaClosedError()
    const started = this.#tryRun(invocation)
    if (!started) this.#counts.throttled += 1
    return started
  }

  /** Takes an invocation whose result nobody waits for; it waits its turn. */
  enqueue(invocation: Invocation): void {
    if (this.#closed) throw new LambdaClosedError()
    const running = this.#tryRun(invocation)
    // Nobody waits for it: what went wrong is in the log.
    if (running) running.catch(() => {})
    else this.#queue.push(invocation)
  }

  /** Starts sandboxes until `count` exist; resolves when those are initialised, and frozen if so set. */
  async prewarm(count: number): Promise<void> {
    if (this.#closed) throw new LambdaClosedError()
    const missing = Math.max(0, count - this.#size)
    const started = Array.from({ length: missing }, () => this.#prewarmOne())
    const failed = (await Promise.allSettled(started)).find((one) => one.status === "rejected")
    if (failed) throw failed.reason
  }

  list(): SandboxInfo[] {
    return [...this.#sandboxes].map(({ id, pid, state, invocations }) => ({ id, pid, state, invocations }))
  }

  stats(): LambdaStats {
    return { ...this.#counts, running: this.#running, queued: this.#queue.length, idle: this.#idle.length }
  }

  /** Resolves once nothing runs and nothing is queued. */
  settled(): Promise<void> {
    if (this.#running === 0 && this.#queue.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#quiet.push(resolve))
  }

  /** Freezes or thaws what is idle, whatever `freeze` says. */
  each(act: (sandbox: Sandbox) => void): void {
    for (const sandbox of this.#idle) act(sandbox)
  }

  /** Ends every sandbox; what is queued is dropped. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#queue.length = 0
    for (const timer of this.#reapers.values()) clearTimeout(timer)
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.end()))
    await this.#guard.close()
    this.#drainQueue()
  }

  get #size(): number {
    return [...this.#sandboxes].filter((sandbox) => sandbox.state !== "ending").length
  }

  #tryRun(invocation: Invocation): Promise<Finished> | undefined {
    const idle = this.#takeIdle()
    if (!idle && this.#size >= this.#settings.concurrency) return undefined
    this.#counts.invocations += 1
    this.#running += 1
    return this.#finish(idle ? this.#runOn(idle, invocation) : this.#coldStart(invocation))
  }

  #takeIdle(): Sandbox | undefined {
    const sandbox = this.#idle.pop()
    if (!sandbox) return undefined
    clearTimeout(this.#reapers.get(sandbox))
    this.#reapers.delete(sandbox)
    return sandbox
  }

  async #finish(running: Promise<Finished>): Promise<Finished> {
    try {
      const finished = await running
      if (finished.outcome.errorType !== undefined) this.#counts.errors += 1
      return finished
    } finally {
      this.#running -= 1
      this.#drainQueue()
    }
  }

  #drainQueue(): void {
    for (let next = this.#queue[0]; next && !this.#closed; next = this.#queue[0]) {
      const running = this.#tryRun(next)
      if (!running) break
      running.catch(() => {})
      this.#queue.shift()
    }
    if (this.#running > 0 || this.#queue.length > 0) return
    for (const resolve of this.#quiet.splice(0)) resolve()
  }

  async #runOn(sandbox: Sandbox, invocation: Invocation): Promise<Finished> {
    const outcome = await sandbox.run(invocation)
    const logTail = sandbox.logTail()
    this.#release(sandbox)
    return { outcome, logTail }
  }

  // Lambda tries a failed init once more, in a fresh process, before it gives the invocation up.
  async #coldStart(invocation: Invocation): Promise<Finished> {
    this.#counts.coldStarts += 1
    const first = await this.#initOnDemand()
    const second = first instanceof Sandbox || this.#closed ? first : await this.#initOnDemand()
    if (!(second instanceof Sandbox))
      return { outcome: renamed(second.outcome, invocation), logTail: second.logTail }
    const { afterInitMs } = this.#settings
    if (afterInitMs > 0) await new Promise((resolve) => setTimeout(resolve, afterInitMs))
    return this.#runOn(second, invocation)
  }

  async #initOnDemand(): Promise<Sandbox | Finished> {
    const sandbox = this.#open("on-demand")
    try {
      await sandbox.init()
      return sandbox
    } catch (error) {
      if (!(error instanceof SandboxInitError)) throw error
      return { outcome: error.outcome, logTail: sandbox.logTail() }
    }
  }

  async #prewarmOne(): Promise<void> {
    this.#counts.prewarmed += 1
    const sandbox = this.#open("provisioned-concurrency")
    await sandbox.init()
    this.#release(sandbox)
    this.#drainQueue()
  }

  #open(reason: SandboxStart["reason"]): Sandbox {
    const sandbox: Sandbox = new Sandbox(this.#settings, {
      reason,
      guard: this.#guard,
      onGone: () => this.#forget(sandbox),
    })
    this.#sandboxes.add(sandbox)
    return sandbox
  }

  #release(sandbox: Sandbox): void {
    if (sandbox.state === "ending" || this.#closed) return
    this.#idle.push(sandbox)
    const timer = setTimeout(() => this.#reap(sandbox), this.#settings.reapAfterMs)
    timer.unref()
    this.#reapers.set(sandbox, timer)
  }

  #reap(sandbox: Sandbox): void {
    this.#counts.reaped += 1
    this.#forgetIdle(sandbox)
    void sandbox.end()
  }

  #forget(sandbox: Sandbox): void {
    this.#sandboxes.delete(sandbox)
    this.#forgetIdle(sandbox)
    this.#drainQueue()
  }

  #forgetIdle(sandbox: Sandbox): void {
    clearTimeout(this.#reapers.get(sandbox))
    this.#reapers.delete(sandbox)
    const index = this.#idle.indexOf(sandbox)
    if (index >= 0) this.#idle.splice(index, 1)
  }
}

// An init that failed was nobody's request; the answer names the one that waited for it.
function renamed(outcome: Outcome, { id }: Invocation): Outcome {
  const text = outcome.payload.toString().replace(/RequestId: [0-9a-f]{32}(?![0-9a-f])/, `RequestId: ${id}`)
  return { ...outcome, payload: Buffer.from(text) }
}
