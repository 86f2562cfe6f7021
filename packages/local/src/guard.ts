import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { Socket } from "node:net"

// The end of the input is the end of the owner. What is being killed may still write into the folder: a second try.
const SCRIPT = `
trap '' HUP INT TERM
groups=" "
while read -r op group; do
  case "$op" in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 -"$group" 2>/dev/null; done
rm -rf "$@" || { sleep 1; rm -rf "$@"; }
`

/**
 * Kills process groups and removes a folder when their owner, this process, ends: by itself, by a crash, by SIGKILL.
 * It is a shell that reads a pipe which only the owner holds, so it needs nothing of Linux or macOS in particular,
 * and a frozen process ends too.
 */
export class Guard {
  readonly #shell: ChildProcess
  readonly #gone: Promise<unknown>

  constructor(folder?: string) {
    const folders = folder === undefined ? [] : [folder]
    // Detached: Ctrl-C in the owner's terminal must not end it first.
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "guard", ...folders], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      env: { PATH: process.env["PATH"] ?? "" },
    })
    this.#gone = once(this.#shell, "exit").catch(() => undefined)
    this.#shell.unref()
    const pipe = this.#shell.stdin
    pipe?.on("error", () => undefined)
    // A pipe to a child is a socket, and must not keep this process alive.
    if (pipe instanceof Socket) pipe.unref()
  }

  /** Kills this process group, too, when the owner ends. */
  watch(group: number): void {
    this.#shell.stdin?.write(`+ ${group}\n`)
  }

  /** The group is gone; its number may be somebody else's soon. */
  forget(group: number): void {
    this.#shell.stdin?.write(`- ${group}\n`)
  }

  /** Kills the groups, removes the folder, and resolves when both are done. */
  async close(): Promise<void> {
    this.#shell.ref()
    this.#shell.stdin?.end()
    await this.#gone
  }
}
