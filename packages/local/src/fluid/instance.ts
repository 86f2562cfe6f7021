import { Agent } from "node:http"
import { setTimeout as wait } from "node:timers/promises"
import type { Guard } from "../guard.ts"
import { type Launch, ProcessGroup } from "../lambda/process-group.ts"
import { isStopped } from "../stop-process.ts"
import { Awake } from "./awake.ts"
import { endingOf, InstanceInitError } from "./errors.ts"
import type { Output } from "./output.ts"
import { type Report, reportReader } from "./report.ts"

/** What Vercel gives a function under Fluid compute that says nothing. Source: configuring-functions/duration */
const DEFAULT_DURATION_S = 300
const SHOWN_LINES = 30

/**
 * `starting` until the handler is loaded; `running` while something keeps it awake; `suspended` once it stands;
 * `ending` from SIGTERM on.
 */
export type InstanceState = "starting" | "running" | "idle" | "suspended" | "ending" | "ended"

/** How an instance lives. */
export interface InstancePlan {
  readonly launch: Launch
  readonly suspend: boolean
  readonly suspendAfterMs: number
  readonly maxDurationS: number | undefined
  readonly initTimeoutMs: number
  readonly graceMs: number
  readonly guard: Guard
  readonly output: Output
  readonly onState: (state: InstanceState) => void
}

/** One process that serves many requests at once, and is stopped while there are none. */
export class Instance {
  /** Keeps connections to it open; a frozen process closes none. */
  readonly agent = new Agent({ keepAlive: true })
  /** Resolves with how it ended, in words, when the process is gone. */
  readonly ended: Promise<string>
  readonly #plan: InstancePlan
  readonly #group: ProcessGroup
  readonly #awake = new Awake(() => this.#onNobody())
  #state: InstanceState = "starting"
  /** The stop under way, or done. */
  #stop: object | undefined
  #port = 0
  #maxDurationMs = DEFAULT_DURATION_S * 1_000
  #onReady: (() => void) | undefined
  #suspending: NodeJS.Timeout | undefined

  constructor(plan: InstancePlan) {
    this.#plan = plan
    this.#group = new ProcessGroup(
      plan.launch,
      (text) => plan.output.write(text),
      reportReader((report) => this.#hear(report)),
    )
    this.ended = this.#watch()
  }

  get pid(): number {
    return this.#group.pid ?? 0
  }

  get state(): InstanceState {
    return this.#state
  }

  get port(): number {
    return this.#port
  }

  get maxDurationMs(): number {
    return this.#maxDurationMs
  }

  /**
   * Resolves when the handler is loaded.
   *
   * @throws InstanceInitError when it can't be, or takes longer than `initTimeoutMs`; the process is gone then.
   */
  async ready(): Promise<void> {
    const { initTimeoutMs, output } = this.#plan
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, initTimeoutMs, `was not ready after ${initTimeoutMs} ms`)
    })
    const ready = new Promise<undefined>((resolve) => {
      this.#onReady = () => resolve(undefined)
    })
    const problem = await Promise.race([ready, this.ended, late])
    clearTimeout(timer)
    if (problem === undefined) return
    this.#group.signal("SIGKILL")
    await this.ended
    throw new InstanceInitError(`the instance ${problem}; it wrote last:\n${output.lastLines(SHOWN_LINES)}`)
  }

  /** An invocation is about to be sent: wakes the process. */
  begin(id: string): void {
    this.#awake.add(id, this.#maxDurationMs)
    this.#wake()
  }

  /** The invocation never reached the process. */
  abandon(id: string): void {
    this.#awake.delete(id)
  }

  /** Ends the process: SIGTERM, and SIGKILL after `graceMs`. Resolves when it is gone. */
  async end(): Promise<void> {
    clearTimeout(this.#suspending)
    this.#stop = undefined
    this.#become("ending")
    await this.#group.end(this.#plan.graceMs)
    await this.ended
  }

  async #watch(): Promise<string> {
    const { guard, output } = this.#plan
    const { pid } = this.#group
    if (pid !== undefined) guard.watch(pid)
    const exit = await this.#group.exited
    if (pid !== undefined) guard.forget(pid)
    clearTimeout(this.#suspending)
    this.#stop = undefined
    this.#awake.clear()
    this.agent.destroy()
    output.endLine()
    this.#become("ended")
    return endingOf(exit)
  }

  #hear(report: Report): void {
    if (report.type === "begin") this.begin(report.id)
    if (report.type === "end") this.#awake.delete(report.id)
    if (report.type === "ready") this.#onServing(report)
  }

  #onServing({ port, maxDurationS }: Extract<Report, { type: "ready" }>): void {
    const seconds = this.#plan.maxDurationS ?? maxDurationS ?? DEFAULT_DURATION_S
    this.#maxDurationMs = seconds * 1_000
    this.#port = port
    this.#onReady?.()
    this.#onNobody()
  }

  #onNobody(): void {
    this.#become("idle")
    if (!this.#plan.suspend) return
    clearTimeout(this.#suspending)
    // At once where no time is set, in the turn in which it came to rest: work left in the background stops there.
    if (this.#plan.suspendAfterMs === 0) return void this.#suspend()
    this.#suspending = setTimeout(() => void this.#suspend(), this.#plan.suspendAfterMs)
    this.#suspending.unref()
  }

  /** Stops the process; it counts as suspended when the kernel says that it stands: signals are not instant. */
  async #suspend(): Promise<void> {
    if (this.#state !== "idle") return
    const stop = {}
    this.#stop = stop
    this.#group.signal("SIGSTOP")
    while (this.#stop === stop && !(await isStopped(this.pid))) await wait(1)
    if (this.#stop === stop) this.#become("suspended")
  }

  #wake(): void {
    clearTimeout(this.#suspending)
    if (this.#stop) this.#group.signal("SIGCONT")
    this.#stop = undefined
    this.#become("running")
  }

  #become(state: InstanceState): void {
    if (this.#state === state || this.#state === "ended") return
    if (this.#state === "ending" && state !== "ended") return
    this.#state = state
    this.#plan.onState(state)
  }
}
