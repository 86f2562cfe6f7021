import { type ChildProcess, fork } from "node:child_process"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Birth, Outcome, Report } from "./protocol.ts"

/** A command under way in the process. */
export interface Called {
  /** Resolves once the process has handed the command to its client, and the client to the kernel if it could. */
  readonly written: Promise<void>
  readonly outcome: Promise<Outcome>
}

/** A Node process with a client in it, which can be stopped and continued as Lambda does. */
export class FrozenProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #listeners = new Set<(report: Report) => void>()
  #orders = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on("message", (report: Report) => {
      for (const listener of [...this.#listeners]) listener(report)
    })
  }

  /** Starts one; resolves when its client is made. */
  static async start(birth: Birth): Promise<FrozenProcess> {
    const file = fileURLToPath(new URL("./process.fixture.ts", import.meta.url))
    const execArgv = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"]
    const child = new FrozenProcess(fork(file, [JSON.stringify(birth)], { execArgv }))
    await child.#next((report) => "ready" in report || undefined)
    return child
  }

  /** Issues a command; the process may be frozen before it has settled. */
  call(name: string, args: readonly string[] = [], timeoutMs?: number): Called {
    this.#orders += 1
    const id = this.#orders
    const written = this.#next((report) => ("written" in report && report.written === id) || undefined)
    const outcome = this.#next((report) =>
      "outcome" in report && report.outcome.id === id ? report.outcome : undefined,
    )
    this.#child.send({ id, name, args, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
    return { written: written.then(() => undefined), outcome }
  }

  /** The pool's counters. */
  stats(): Promise<Readonly<Record<string, number>>> {
    const stats = this.#next((report) =>
      "stats" in report ? (report.stats as Record<string, number>) : undefined,
    )
    this.#child.send("stats")
    return stats
  }

  /** SIGSTOP; resolves when the kernel says that it stands. */
  async freeze(): Promise<void> {
    this.#child.kill("SIGSTOP")
    while (!this.#isStopped()) await sleep(1)
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child.kill("SIGCONT")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // Reports that nobody waits for any more are no failure: only an end that was not asked for is one.
    this.#child.removeAllListeners("exit")
    this.#child.once("exit", () => resolve())
    this.#child.kill("SIGKILL")
    await promise
  }

  #isStopped(): boolean {
    if (process.platform !== "linux") return true
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T")
  }

  #next<T>(pick: (report: Report) => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const end = () => {
      this.#listeners.delete(listener)
      this.#child.off("exit", onExit)
    }
    const listener = (report: Report) => {
      const picked = pick(report)
      if (picked === undefined) return
      end()
      resolve(picked)
    }
    const onExit = (code: number | null, signal: string | null) => {
      end()
      reject(new Error(`the process ended with ${code ?? signal}`))
    }
    this.#listeners.add(listener)
    this.#child.on("exit", onExit)
    return promise
  }
}
