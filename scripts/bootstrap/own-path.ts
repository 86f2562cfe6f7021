import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"

/** A folder that stands for the PATH of one test, and the programs in it. */
export interface OwnPath {
  readonly folder: string
  /** Puts a program there, which runs this as a shell does; gives its path. */
  install(name: string, script?: string): string
}

/** A new folder for each of the tests around it; gone after it. */
export function useOwnPath(): OwnPath {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "warmpool-path-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  return {
    get folder() {
      return folder
    },
    install(name, script = "") {
      const path = join(folder, name)
      writeFileSync(path, `#!/bin/sh\n${script}\n`)
      chmodSync(path, 0o755)
      return path
    },
  }
}
