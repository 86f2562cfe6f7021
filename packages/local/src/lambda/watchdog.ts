import { spawn } from "node:child_process"
import { Socket } from "node:net"
import type { Writable } from "node:stream"

// A frozen process can't notice that its owner is gone, so a shell that is never frozen does: its input ends with
// the owner, even by SIGKILL.
const SCRIPT = `
groups=" "
while read -r op group; do
  case "$op" in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 -"$group" 2>/dev/null; done
`

/** Kills the process groups it was told of when this process ends, however it ends. */
export class Watchdog {
  readonly #input: Writable

  constructor() {
    const child = spawn("/bin/sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
    child.unref()
    child.on("error", () => {})
    this.#input = child.stdin
    this.#input.on("error", () => {})
    // A pipe to a child is a socket, and must not keep this process alive.
    if (child.stdin instanceof Socket) child.stdin.unref()
  }

  watch(group: number): void {
    this.#input.write(`+ ${group}\n`)
  }

  forget(group: number): void {
    this.#input.write(`- ${group}\n`)
  }

  close(): void {
    this.#input.end()
  }
}
