import { specOf } from "./commands/table.ts"
import { sha1 } from "./script.ts"
import type { Arg } from "./transport.ts"

/** A flag in the first line of a script that Upstash knows alone; elsewhere it fails the script. */
const FLAG = "allow-key-locking"
/** Most scripts whose hashes are remembered. */
const MOST_SCRIPTS = 1_000

const decoder = new TextDecoder()

/**
 * Makes commands that were written for Upstash such as any server takes: `@upstash/ratelimit` 2 flags its scripts with
 * `allow-key-locking`. The flag is taken out, and the hash of the script as it was written stands for that of what runs.
 */
export class UpstashScripts {
  readonly #hashes = new Map<string, string>()

  /** The command as any server takes it; the same one if there is nothing to change. */
  translate(command: readonly Arg[]): readonly Arg[] {
    const [name = "", first, second] = command
    if (first === undefined || typeof name !== "string" || !/^[es]/i.test(name)) return command
    switch (specOf(name).name) {
      case "eval":
      case "eval_ro":
        return this.#flagged(command, 1)
      case "evalsha":
      case "evalsha_ro":
        return this.#hashed(command, (index) => index === 1)
      case "script":
        if (second === undefined) return command
        return /^load$/i.test(textOf(first))
          ? this.#flagged(command, 2)
          : this.#hashed(command, (index) => index > 1)
      default:
        return command
    }
  }

  #flagged(command: readonly Arg[], at: number): readonly Arg[] {
    const given = command[at] ?? ""
    if (!startsWithShebang(given)) return command
    const script = textOf(given)
    const plain = withoutFlag(script)
    if (plain === script) return command
    void this.#remember(script, plain)
    return command.with(at, plain)
  }

  #hashed(command: readonly Arg[], isHash: (index: number) => boolean): readonly Arg[] {
    if (this.#hashes.size === 0) return command
    return command.map((arg, index) =>
      isHash(index) ? (this.#hashes.get(textOf(arg).toLowerCase()) ?? arg) : arg,
    )
  }

  /** Until it is done, the hash is unknown to the server, and its sender sends the script. */
  async #remember(script: string, plain: string): Promise<void> {
    try {
      const [given, runs] = await Promise.all([sha1(script), sha1(plain)])
      if (this.#hashes.size < MOST_SCRIPTS) this.#hashes.set(given, runs)
    } catch {
      // A runtime without SHA-1 goes on sending the script.
    }
  }
}

function withoutFlag(script: string): string {
  const end = script.search(/\r?\n|$/)
  const line = script.slice(0, end)
  const flags = /^#!lua\b.*\bflags=(\S*)/.exec(line)?.[1]
  if (!flags?.split(",").includes(FLAG)) return script
  const others = flags.split(",").filter((flag) => flag !== FLAG)
  const first = others.length > 0 ? line.replace(flags, others.join(",")) : ""
  return first + script.slice(end)
}

function startsWithShebang(script: Arg): boolean {
  return typeof script === "string" ? script.startsWith("#!") : script[0] === 35 && script[1] === 33
}

function textOf(arg: Arg): string {
  return typeof arg === "string" ? arg : decoder.decode(arg)
}
