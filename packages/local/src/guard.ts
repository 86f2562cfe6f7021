import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { Socket } from "node:net"

/** Every line names the process to end, an empty one none. The end of the input is the end of the owner. */
const SCRIPT = `
trap '' HUP INT TERM
while read -r line; do pid=$line; done
test -z "$pid" || kill -KILL "$pid"
rm -rf "$0"
`

/**
 * Ends a process and removes a folder when its owner, this process, ends: by itself, by a crash, by SIGKILL. It is
 * a shell that reads a pipe which only the owner holds, so it needs nothing of Linux or macOS in particular.
 */
export class Guard {
  readonly #shell: ChildProcess
  readonly #gone: Promise<unknown>

  constructor(folder: string) {
    // Detached: Ctrl-C in the owner's terminal must not end it first.
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, folder], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      env: { PATH: process.env["PATH"] ?? "" },
    })
    this.#gone = once(this.#shell, "exit").catch(() => undefined)
    this.#shell.unref()
    const pipe = this.#shell.stdin
    pipe?.on("error", () => undefined)
    if (pipe instanceof Socket) pipe.unref()
  }

  /** Ends this process instead of the last one named; undefined when that one is gone. */
  watch(pid: number | undefined): void {
    this.#shell.stdin?.write(`${pid ?? ""}\n`)
  }

  /** Ends the process, removes the folder, and resolves when both are done. */
  async close(): Promise<void> {
    this.#shell.ref()
    this.#shell.stdin?.end()
    await this.#gone
  }
}
