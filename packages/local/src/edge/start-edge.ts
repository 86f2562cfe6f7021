import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { InstanceServer } from "../fluid/instance-server.ts"
import { launchOf } from "../fluid/launch.ts"
import type { LocalFluid } from "../fluid/start-fluid.ts"
import { checkOptions, type EdgeOptions } from "./options.ts"

// The same layout holds in src (run by type stripping) and in dist.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js"
const RUNTIME = fileURLToPath(new URL(`./runtime/main.${EXTENSION}`, import.meta.url))

/** A function in the Edge runtime on this machine. It is never suspended; `idle` says that nothing is waited for. */
export type LocalEdge = Omit<LocalFluid, "suspendedAt">

/**
 * Starts a function in Vercel's `edge-runtime`, with the globals it has there and no others, in a process of its
 * own. Resolves when the function is loaded. The caller owns it and closes it; its process ends with this one in any
 * case.
 *
 * @throws InstanceOptionError when an option is wrong; it names the fix.
 * @throws InstanceInitError when the function can't be loaded.
 */
export async function startEdge(options: EdgeOptions): Promise<LocalEdge> {
  const { code, env, maxDurationS, ...settings } = checkOptions(options)
  const folder = "source" in code ? await mkdtemp(join(tmpdir(), "warmpool-edge-")) : undefined
  const file = "file" in code ? code.file : join(String(folder), "source.js")
  if ("source" in code) await writeFile(file, code.source, { mode: 0o600 })
  const launch = launchOf({
    runtime: RUNTIME,
    file,
    cwd: dirname(file),
    env: env ?? {},
    args: [String(maxDurationS ?? ""), env === undefined ? "bare" : "env"],
  })
  const server = new InstanceServer({
    ...settings,
    launch,
    maxDurationS,
    suspend: false,
    suspendAfterMs: 0,
    graceMs: 500,
    ...(folder !== undefined && { folder }),
  })
  await server.listen()
  return server
}
