import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A line of source, and the file in which it is planted. */
export interface Planted {
  readonly path: string
  readonly source: string
}

interface Diagnostic {
  readonly category: string
  /** A finding about the whole file stands at line 0. */
  readonly location: { readonly path: string; readonly start: { readonly line: number } }
}

/**
 * Plants lines in a folder of their own, each under those of the same file, lints them by this repository's rules,
 * and gives the names of the rules that each line breaks.
 */
export function lintPlanted(lines: readonly Planted[]): (line: Planted) => readonly string[] {
  const files = new Map<string, string[]>()
  for (const { path, source } of lines) files.set(path, [...(files.get(path) ?? []), source])
  const found = lintFiles(files)
  return ({ path, source }) => {
    const number = 1 + (files.get(path)?.indexOf(source) ?? -1)
    if (number === 0) throw new Error(`not planted in ${path}: ${source}`)
    return found
      .filter(({ location }) => location.path === path && [0, number].includes(location.start.line))
      .map(({ category }) => category.slice(category.lastIndexOf("/") + 1))
  }
}

function lintFiles(files: ReadonlyMap<string, readonly string[]>): readonly Diagnostic[] {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-lint-"))
  try {
    for (const path of ["biome.json", "scripts/lint"]) cpSync(path, join(folder, path), { recursive: true })
    for (const [path, lines] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), `${lines.join("\n")}\n`)
    }
    const biome = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome")
    const args = [biome, "lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", "."]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" })
    if (!stdout.startsWith("{")) throw new Error(`biome gave no report: ${stderr}`)
    return JSON.parse(stdout).diagnostics
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
