import { readFileSync, type StatWatcher, unwatchFile, watchFile } from "node:fs"
import { ConfigError } from "@warmpool/core"

/** How often the file is looked at, ms: watching by name survives the swapped links of mounted secrets. */
const LOOK_MS = 1_000

/** @throws ConfigError when it can't be read. */
export function readTokensFile(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
    throw new ConfigError(`serveGateway: tokensFile can't be read: ${code}`, { cause })
  }
}

/** Runs `changed` whenever the file has changed; gives what ends it. */
export function watchTokensFile(path: string, changed: () => void): () => void {
  const look = (): void => changed()
  const watcher: StatWatcher = watchFile(path, { interval: LOOK_MS, persistent: false }, look)
  watcher.unref()
  return () => unwatchFile(path, look)
}
