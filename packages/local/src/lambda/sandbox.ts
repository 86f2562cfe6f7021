import { randomBytes } from "node:crypto"
import { setImmediate as turn } from "node:timers/promises"
import type { Guard } from "../guard.ts"
import { SandboxInitError } from "./errors.ts"
import type { Invocation } from "./invocation.ts"
import { launchOf } from "./launch.ts"
import type { Settings } from "./options.ts"
import { exited, failure, type Outcome, timedOut } from "./outcome.ts"
import { type Exit, ProcessGroup } from "./process-group.ts"
import { initReport, report } from "./report.ts"
import { RuntimeApi } from "./runtime-api.ts"
import { SandboxLog } from "./sandbox-log.ts"

/** How often the memory of a running sandbox is looked at. */
const MEMORY_EVERY_MS = 50
/** What SIGTERM leaves an internal extension. Source: lambda-runtime-environment.html, "Shutdown phase" */
const SHUTDOWN_MS = 500

/** Where a sandbox is in its life; the machine stands still only while `frozen`. */
export type SandboxState = "starting" | "running" | "idle" | "frozen" | "ending"

/** How a new sandbox begins. */
export interface SandboxStart {
  /** Why it exists: an invocation that waits for it, or `prewarm`. */
  readonly reason: "on-demand" | "provisioned-concurrency"
  readonly guard: Guard
  /** The process is gone. */
  readonly onGone: () => void
}

/** What ended an init or an invocation. */
type Ending = "ready" | "late" | "failed" | Exit

/** One execution environment: a process group, its Runtime API, and one invocation at a time. */
export class Sandbox {
  readonly id = randomBytes(16).toString("hex")
  readonly #settings: Settings
  readonly #start: SandboxStart
  readonly #api: RuntimeApi
  readonly #log: SandboxLog
  #group: ProcessGroup | undefined
  #state: SandboxState = "starting"
  #invocations = 0
  #initMs: number | undefined
  /** What the runtime, an extension or the memory limit says is wrong. */
  #failed: Outcome | undefined
  #settle: ((ending: Ending) => void) | undefined
  #ended: Promise<void> | undefined

  constructor(settings: Settings, start: SandboxStart) {
    this.#settings = settings
    this.#start = start
    this.#log = new SandboxLog((line) => settings.log(line, this.id))
    const info = {
      functionName: settings.functionName,
      functionVersion: "$LATEST",
      handler: settings.handler.name,
    }
    this.#api = new RuntimeApi(info, {
      onReady: () => this.#onReady(),
      onInitError: (outcome) => this.#fail(outcome),
      onExtensionError: (outcome) => this.#fail(outcome),
    })
  }

  get state(): SandboxState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#group?.pid
  }

  /** Invocations so far, the current one included. */
  get invocations(): number {
    return this.#invocations
  }

  /**
   * Starts the process and waits until it asks for its first event.
   *
   * @throws SandboxInitError when it fails, ends or takes longer than `initTimeoutMs`; the sandbox is gone then.
   */
  async init(): Promise<void> {
    try {
      await this.#boot()
    } catch (error) {
      void this.end()
      throw error
    }
  }

  async #boot(): Promise<void> {
    const runtimeApi = await this.#api.listen()
    if (this.#ended) throw new SandboxInitError(exited(this.id, { code: null, signal: "SIGKILL" }))
    const startedAt = performance.now()
    const identity = { runtimeApi, id: this.id, initializationType: this.#start.reason }
    this.#log.write(`INIT_START Runtime Version: local\tRuntime: node ${process.version}\n`)
    const ended = this.#ending(this.#settings.initTimeoutMs)
    this.#group = new ProcessGroup(launchOf(this.#settings, identity), (text) => this.#log.write(text))
    void this.#watch(this.#group)
    const ending = await ended
    this.#initMs = performance.now() - startedAt
    if (ending === "ready") return
    await turns()
    const outcome = this.#failed ?? this.#explainInit(ending)
    this.#log.write(initReport(this.#initMs, outcome))
    throw new SandboxInitError(outcome)
  }

  /** Runs one invocation; settles once the sandbox is frozen again, or has come to its end. Never rejects. */
  async run(invocation: Invocation): Promise<Outcome> {
    const { timeoutMs } = this.#settings
    if (this.#ended) return exited(invocation.id, { code: null, signal: "SIGKILL" })
    this.thaw()
    this.#state = "running"
    this.#invocations += 1
    if (this.#invocations > 1) this.#log.clear()
    this.#log.write(`START RequestId: ${invocation.id} Version: $LATEST\n`)
    const startedAt = performance.now()
    const ended = this.#ending(timeoutMs)
    const watching = setInterval(() => this.#checkMemory(invocation.id), MEMORY_EVERY_MS)
    if (this.#group?.pid) this.#api.dispatch(invocation, Date.now() + timeoutMs)
    const ending = await ended
    clearInterval(watching)
    await turns()
    const outcome = this.#api.outcome ?? this.#failed ?? this.#explain(invocation.id, ending)
    if (ending !== "ready") void this.end()
    this.#report(invocation.id, performance.now() - startedAt, this.#api.outcome ? undefined : outcome)
    return outcome
  }

  /** Base64 of the last 4 KB logged by the latest invocation, its init included. */
  logTail(): string {
    return this.#log.tail()
  }

  freeze(): void {
    if (this.#state !== "idle") return
    this.#group?.signal("SIGSTOP")
    this.#state = "frozen"
  }

  thaw(): void {
    if (this.#state !== "frozen") return
    this.#group?.signal("SIGCONT")
    this.#state = "idle"
  }

  /**
   * Ends the process: by SIGKILL at once, or SIGTERM and 500 ms where an extension registered. Resolves when all of
   * it is gone.
   */
  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    this.#state = "ending"
    await this.#group?.end(this.#api.extensions.count > 0 ? SHUTDOWN_MS : 0)
    await this.#api.close()
    this.#log.end()
    this.#start.onGone()
  }

  async #watch(group: ProcessGroup): Promise<void> {
    const { guard } = this.#start
    const { pid } = group
    if (pid !== undefined) guard.watch(pid)
    const exit = await group.exited
    if (pid !== undefined) guard.forget(pid)
    this.#settle?.(exit)
    await this.end()
  }

  // One ending per init or invocation, whichever comes first.
  #ending(ms: number): Promise<Ending> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle?.("late"), ms)
      this.#settle = (ending) => {
        clearTimeout(timer)
        this.#settle = undefined
        resolve(ending)
      }
    })
  }

  #onReady(): void {
    // One that is ending must not be frozen over its last work.
    if (!this.#settle || this.#ended) return
    const first = this.#state === "starting"
    this.#state = "idle"
    const { freeze, afterInitMs } = this.#settings
    const awaited = first && this.#start.reason === "on-demand" && afterInitMs === 0
    // At once, in the turn in which the runtime asked: work left in the background stops where it stands.
    if (freeze && !awaited) this.freeze()
    this.#settle("ready")
  }

  #fail(outcome: Outcome): void {
    this.#failed ??= outcome
    this.#settle?.("failed")
  }

  #checkMemory(requestId: string): void {
    const { nowMb = 0 } = this.#group?.memory() ?? {}
    if (nowMb <= this.#settings.memory) return
    this.#fail(exited(requestId, { code: null, signal: "SIGKILL" }))
  }

  #explain(requestId: string, ending: Ending): Outcome {
    if (typeof ending === "object") return exited(requestId, ending)
    return timedOut(requestId, this.#settings.timeoutMs)
  }

  #explainInit(ending: Ending): Outcome {
    if (typeof ending === "object") return exited(this.id, ending)
    const { late } = this.#api.extensions
    if (this.#api.runtimeWaits) {
      return failure(
        "Sandbox.Timedout",
        `extension ${late.join(", ")} registered but never asked for event/next`,
      )
    }
    return failure("Sandbox.Timedout", `init took longer than ${this.#settings.initTimeoutMs} ms`)
  }

  #report(requestId: string, tookMs: number, failed: Outcome | undefined): void {
    const { peakMb = 0 } = this.#group?.memory() ?? {}
    const initMs = this.#invocations === 1 ? this.#initMs : undefined
    this.#log.write(report(requestId, { tookMs, initMs, memory: this.#settings.memory, peakMb, failed }))
  }
}

// What the process wrote before it asked for the next event lies in the pipe by now: let it be read.
async function turns(): Promise<void> {
  await turn()
  await turn()
}
