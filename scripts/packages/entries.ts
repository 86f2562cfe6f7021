import type { Manifest } from "./manifests.ts"

/** What users may import of a package. */
export function entriesOf({ name, exports }: Manifest): readonly string[] {
  return Object.keys(exports)
    .filter((path) => !path.endsWith(".json"))
    .map((path) => `${name}${path.slice(1)}`)
}

/** Whether an entry is for workerd alone, whose modules no other runtime has. */
export function isForWorkerd(entry: string): boolean {
  return entry === "@warmpool/socket/workerd" || /^@warmpool\/cloudflare(\/|$)/.test(entry)
}

/** The packages that an entry may ask for and a package does not bring. */
export function optionalPeersOf({ peerDependenciesMeta = {} }: Manifest): readonly string[] {
  return Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name]?.optional)
}

/** Imports what it is given, and prints what became of each. Runs in a project of a user's. */
const PROBE = `
const results = {}
for (const entry of process.argv.slice(2)) {
  results[entry] = await import(entry).then(
    (module) => ({ names: Object.keys(module) }),
    (error) => ({ failure: error.message }),
  )
}
console.log(JSON.stringify(results))
process.exit()
`

/** A module as its importer sees it. */
export interface Imported {
  readonly names?: readonly string[]
  readonly failure?: string
}

interface Place {
  write(name: string, contents: string): Promise<void>
  node(...args: readonly string[]): Promise<{ readonly stdout: string }>
}

/** Imports every entry in a project; gives what each exports, or why it can't be imported there. */
export async function importAll(
  project: Place,
  entries: readonly string[],
): Promise<ReadonlyMap<string, Imported>> {
  await project.write("probe.js", PROBE)
  const { stdout } = await project.node("probe.js", ...entries)
  return new Map(Object.entries(JSON.parse(stdout)))
}
