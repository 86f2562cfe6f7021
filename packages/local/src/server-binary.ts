import { constants } from "node:fs"
import { access } from "node:fs/promises"
import { basename, delimiter, join } from "node:path"

/** Debian's redis-tools has the server only under this name; started as redis-server it is one. */
const NAMES = ["redis-server", "valkey-server", "redis-check-rdb"]

/** There is no redis-server, or it did not start. */
export class RedisStartError extends Error {
  override readonly name = "RedisStartError"
  readonly code = "ERR_REDIS_START"
}

/** A server's program. `checker`: it is a server only when its own name says so. */
export interface ServerBinary {
  readonly path: string
  readonly checker: boolean
}

/**
 * Finds redis-server or valkey-server: what `WARMPOOL_REDIS_SERVER` names, else the first on the PATH.
 *
 * @throws RedisStartError that says how to install one.
 */
export async function findServerBinary(env = process.env): Promise<ServerBinary> {
  const named = env["WARMPOOL_REDIS_SERVER"]
  const path = await firstOf(named ? [named] : NAMES, env["PATH"] ?? "")
  if (path) return { path, checker: basename(path).endsWith("check-rdb") }
  if (named) throw new RedisStartError(`WARMPOOL_REDIS_SERVER names no program: ${named}`)
  throw new RedisStartError(
    "no redis-server or valkey-server on the PATH: install one (Debian, Ubuntu: apt-get install redis-tools; " +
      "macOS: brew install redis) or set WARMPOOL_REDIS_SERVER to its path",
  )
}

async function firstOf(names: readonly string[], searchPath: string): Promise<string | undefined> {
  const folders = searchPath.split(delimiter).filter(Boolean)
  const paths = names.flatMap((name) => (name.includes("/") ? [name] : folders.map((at) => join(at, name))))
  for (const path of paths) if (await isProgram(path)) return path
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
