import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { Readable } from "node:stream"
import { setTimeout as delay } from "node:timers/promises"

/** How a process ended; `error` when it could not be started. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly error?: string
}

/** What to start, where, and in which environment. */
export interface Launch {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * A process in a group of its own, so that a signal reaches all it started. It owns the group: when the first
 * process ends, the rest is killed.
 */
export class ProcessGroup {
  readonly pid: number | undefined
  /** Resolves once, when the first process is gone and its output is read. */
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess

  /** What the process writes to file descriptor 3 goes to `onReport`; without it there is none. */
  constructor(
    { command, cwd, env }: Launch,
    onOutput: (text: string) => void,
    onReport?: (text: string) => void,
  ) {
    const [file = "", ...args] = command
    const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...(onReport ? ["pipe" as const] : [])]
    this.#child = spawn(file, args, { cwd, env, detached: true, stdio })
    this.pid = this.#child.pid
    this.#child.stdout?.setEncoding("utf8").on("data", onOutput)
    this.#child.stderr?.setEncoding("utf8").on("data", onOutput)
    const reports = this.#child.stdio[3]
    if (onReport && reports instanceof Readable) reports.setEncoding("utf8").on("data", onReport)
    this.exited = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve({ code: null, signal: null, error: error.message }))
      this.#child.once("exit", (code, signal) => {
        this.signal("SIGKILL")
        resolve(this.#outputRead().then(() => ({ code, signal })))
      })
    })
  }

  /** Sends a signal to the whole group; a group that is gone is left in peace. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return
    try {
      process.kill(-this.pid, signal)
    } catch {
      // ESRCH: nobody is left
    }
  }

  /** Kills the group, after SIGTERM and `graceMs` if there are any; resolves when it is gone. */
  async end(graceMs: number): Promise<void> {
    if (graceMs > 0) {
      this.signal("SIGTERM")
      // A frozen process takes no signal but this one.
      this.signal("SIGCONT")
      await Promise.race([this.exited, delay(graceMs, undefined, { ref: false })])
    }
    this.signal("SIGKILL")
    await this.exited
  }

  /** Memory of the first process now and at its peak, MB; 0 where the system has no /proc. */
  memory(): { readonly nowMb: number; readonly peakMb: number } {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, "latin1")
      return { nowMb: megabytes(status, /VmRSS:\s+(\d+)/), peakMb: megabytes(status, /VmHWM:\s+(\d+)/) }
    } catch {
      return { nowMb: 0, peakMb: 0 }
    }
  }

  // "close" follows "exit" once the pipes are empty, but never if somebody who left the group holds them open.
  #outputRead(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 200)
      this.#child.once("close", () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

function megabytes(status: string, field: RegExp): number {
  return Math.ceil(Number(field.exec(status)?.[1] ?? 0) / 1024)
}
