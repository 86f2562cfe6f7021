import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { benches } from "./benches/index.ts"
import type { Machine } from "./machine.ts"
import type { Findings } from "./measurement.ts"

/** One bench's findings, with all that is needed to judge them. */
export interface Result extends Findings {
  readonly bench: string
  readonly rounds: number
  readonly tookMs: number
  readonly machine: Machine
}

/** Keeps a result as `results/<bench>.json`. */
export async function saveResult(folder: string, result: Result): Promise<void> {
  const results = join(folder, "results")
  await mkdir(results, { recursive: true })
  await writeFile(join(results, `${result.bench}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
}

/** Every result kept, in the order of the report. */
export async function loadResults(folder: string): Promise<readonly Result[]> {
  const results = join(folder, "results")
  const kept = new Set(await readdir(results))
  const names = Object.keys(benches).filter((name) => kept.has(`${name}.json`))
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(results, `${name}.json`), "utf8")) as Result),
  )
}
