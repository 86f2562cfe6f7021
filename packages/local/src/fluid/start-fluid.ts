import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { InstanceOptionError } from "./errors.ts"
import type { InstanceState } from "./instance.ts"
import { InstanceServer, type InstanceStats } from "./instance-server.ts"
import { launchOf } from "./launch.ts"
import { checkOptions, type FluidOptions } from "./options.ts"

// The same layout holds in src (run by type stripping) and in dist.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js"
const RUNTIME = fileURLToPath(new URL(`./runtime/main.${EXTENSION}`, import.meta.url))

/** A function under Fluid compute on this machine: one instance, as many requests in it as come. */
export interface LocalFluid extends AsyncDisposable {
  /** Where requests go. */
  readonly url: string
  /** Of the latest instance. */
  readonly state: InstanceState
  /** Of the process now there, if one is. */
  readonly pid: number | undefined
  /** Since when the process has stood: wall clock, ms; undefined while it does not. */
  readonly suspendedAt: number | undefined
  /** The last 64 kB that instances wrote. */
  readonly output: string
  readonly stats: InstanceStats
  /**
   * Resolves when the instance is in this state, or passes through it.
   *
   * @throws InstanceEndedError when it ends instead.
   */
  until(state: InstanceState): Promise<void>
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone. The next request starts another. */
  terminate(): Promise<void>
  /** Terminates the instance, and ends the server. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts a function under what Vercel calls Fluid compute: its process serves requests side by side, is stopped
 * when none runs and no `waitUntil` is pending, and goes on with the next one. Resolves when the first instance has
 * loaded the handler. The caller owns it and closes it; its process ends with this one in any case.
 *
 * @throws InstanceOptionError when an option is wrong; it names the fix.
 * @throws InstanceInitError when the handler can't be loaded.
 */
export async function startFluid(options: FluidOptions): Promise<LocalFluid> {
  if (process.platform === "win32") {
    throw new InstanceOptionError(
      "startFluid suspends by SIGSTOP, which Windows lacks: run it on Linux, macOS or WSL",
    )
  }
  const settings = checkOptions(options)
  const { file, env, maxDurationS } = settings
  const launch = launchOf({
    runtime: RUNTIME,
    file,
    cwd: dirname(file),
    env,
    args: [String(maxDurationS ?? "")],
  })
  const server = new InstanceServer({ ...settings, launch })
  await server.listen()
  return server
}
