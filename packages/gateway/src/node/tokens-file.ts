import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { ConfigError } from "@warmpool/core"

/** How often the file is looked at, ms: reading it by name survives the swapped links of mounted secrets. */
const LOOK_MS = 1_000

/** @throws ConfigError when it can't be read. */
export function readTokensFile(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    throw new ConfigError(`serveGateway: tokensFile can't be read: ${codeOf(cause)}`, { cause })
  }
}

/**
 * Runs `changed` whenever the file holds something else than before, first of all than `known`; gives what ends it.
 * `watchFile` compares with what it finds first, which may be newer than what was read.
 */
export function followTokensFile(path: string, known: string, changed: () => void): () => void {
  let seen = known
  let isOver = false
  const look = async (): Promise<void> => {
    const found = await readFile(path, "utf8").catch(codeOf)
    if (isOver) return
    timer = wait()
    if (found === seen) return
    seen = found
    changed()
  }
  const wait = () => setTimeout(() => void look(), LOOK_MS).unref()
  let timer = wait()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown"
}
