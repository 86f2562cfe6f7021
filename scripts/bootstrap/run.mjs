import { spawn, spawnSync } from "node:child_process"
import { setTimeout as delay } from "node:timers/promises"
import { Missing } from "./missing.mjs"

/** How long a child has to end by itself after a signal, ms. */
const GRACE_MS = 10_000

/** The leaders of the process groups now running. */
const leaders = new Set()
let stopSignal

/** A signal asked the whole run to stop. */
export class Stopped extends Error {
  name = "Stopped"

  constructor(signal) {
    super(`stopped by ${signal}`)
    this.signal = signal
  }
}

/** Hands SIGINT, SIGTERM and SIGHUP on to whatever runs. A child that stays is killed with its group. */
export function forwardSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      stopSignal ??= signal
      for (const leader of leaders) sendSignal(leader, signal)
      setTimeout(() => {
        for (const leader of leaders) sendSignal(-leader, "SIGKILL")
      }, GRACE_MS).unref()
    })
  }
}

/**
 * Runs a command to its end and gives its exit code. It gets a process group of its own: a signal reaches it once,
 * and whatever it leaves behind is ended here.
 *
 * @throws Stopped when a signal ended the run.
 * @throws Missing when there is no such command.
 */
export async function run(command, args, env = process.env) {
  if (stopSignal) throw new Stopped(stopSignal)
  const child = spawn(command, args, { env, stdio: ["ignore", "inherit", "inherit"], detached: true })
  const ended = new Promise((resolve, reject) => {
    child.once("error", () =>
      reject(new Missing(`${command} can't be started: is it installed and executable?`)),
    )
    child.once("exit", (code, signal) => resolve({ code, signal }))
  })
  if (child.pid === undefined) return ended
  leaders.add(child.pid)
  const { code, signal } = await ended
  await sweep(child.pid)
  leaders.delete(child.pid)
  if (stopSignal) throw new Stopped(stopSignal)
  if (signal) console.error(`warmpool: ${command} was ended by ${signal}`)
  return code ?? 1
}

/** Runs a command without showing it; gives what it printed, or undefined if it failed. */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  })
  return status === 0 ? stdout.trim() : undefined
}

/** Frozen processes heed only SIGKILL, hence the second signal. */
async function sweep(leader) {
  if (!sendSignal(-leader, "SIGTERM")) return
  for (let waited = 0; waited < 1_000 && sendSignal(-leader, 0); waited += 25) await delay(25)
  sendSignal(-leader, "SIGKILL")
}

/** @returns false when nobody is left to hear it */
function sendSignal(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
