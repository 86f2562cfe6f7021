import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { promisify } from "node:util"

/** Sends SIGSTOP through `send` and resolves when the process really stands, or is gone: signals are not instant. */
export async function stopProcess(pid: number, send: () => void): Promise<void> {
  send()
  while (!(await isStopped(pid))) await wait(1)
}

/** Whether the process stands, or is gone. */
export async function isStopped(pid: number): Promise<boolean> {
  return /^[TtZX]?$/.test(await stateOf(pid))
}

/** The letter that ps shows: T is stopped, "" is gone. */
async function stateOf(pid: number): Promise<string> {
  if (process.platform !== "linux") {
    const ps = promisify(execFile)("ps", ["-o", "state=", "-p", String(pid)])
    return ps.then(({ stdout }) => stdout.trim().charAt(0)).catch(() => "")
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  // The name before it is in parentheses and may hold anything.
  return stat.charAt(stat.lastIndexOf(")") + 2)
}
