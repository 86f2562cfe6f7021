import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

type Versions = Readonly<Record<string, string>>

/** The fields of a `package.json` that the tests read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly scripts: Versions
  readonly exports: Readonly<Record<string, unknown>>
  readonly bin?: Versions
  readonly dependencies?: Versions
  readonly devDependencies?: Versions
  readonly peerDependencies?: Versions
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly [field: string]: unknown
}

/** The folders under `packages`. */
export async function foldersOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, "packages"), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** The manifest of the package in a folder. */
export async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
}

/** Everything that must be built before this package is, and tested beside it. */
export function dependenciesOf({ dependencies, devDependencies, peerDependencies }: Manifest): Versions {
  return { ...dependencies, ...devDependencies, ...peerDependencies }
}
