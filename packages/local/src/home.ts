import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Guard } from "./guard.ts"
import { findServerBinary, type ServerBinary } from "./server-binary.ts"

/** Where servers of ours live: a folder, and the guard that ends them and removes it when this process ends. */
export interface Home {
  readonly binary: ServerBinary
  readonly folder: string
  readonly guard: Guard
}

/**
 * Whoever opens it closes its guard.
 *
 * @throws RedisStartError when there is no server to start.
 */
export async function openHome(): Promise<Home> {
  const binary = await findServerBinary()
  const folder = await mkdtemp(join(tmpdir(), "warmpool-redis-"))
  return { binary, folder, guard: new Guard(folder) }
}
