import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { dependenciesOf, foldersOf, type Manifest, manifestIn } from "./manifests.ts"

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL("../..", import.meta.url))
/** What a build makes, and what npm links. */
const MADE = new Set(["dist", "generated", "node_modules", ".turbo"])

/** A tarball as npm would publish it. */
export interface Tarball {
  readonly manifest: Manifest
  readonly path: string
  /** The package's files as npm lays them out. */
  readonly folder: string
}

/** The published packages, built from their sources alone: nothing that an older build left behind is in reach. */
export class CleanBuild implements AsyncDisposable {
  /** Room for what is made of them: nothing of this repository is in reach there. */
  readonly folder: string
  readonly tarballs: readonly Tarball[]
  /** What the builds said that failed, by package. */
  readonly failures: ReadonlyMap<string, string>

  private constructor(folder: string, tarballs: readonly Tarball[], failures: ReadonlyMap<string, string>) {
    this.folder = folder
    this.tarballs = tarballs
    this.failures = failures
  }

  /** Copies the sources, builds each package by its own script, and packs them all. */
  static async make(): Promise<CleanBuild> {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-clean-"))
    const [tree, packed] = [join(folder, "tree"), join(folder, "packed")]
    await copySources(tree)
    const failures = await build(tree)
    return new CleanBuild(folder, await pack(tree, packed), failures)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function copySources(folder: string): Promise<void> {
  const filter = (path: string): boolean => !MADE.has(basename(path)) && !path.endsWith(".tsbuildinfo")
  await cp(join(ROOT, "packages"), join(folder, "packages"), { recursive: true, filter })
  await cp(join(ROOT, "tsconfig.base.json"), join(folder, "tsconfig.base.json"))
  await linkModules(ROOT, folder)
  for (const source of await foldersOf(ROOT)) {
    await linkModules(join(ROOT, "packages", source), join(folder, "packages", source))
    const { name } = await manifestIn(join(folder, "packages", source))
    await link(join(folder, "packages", source), join(folder, "node_modules", name))
  }
}

/** Links what others wrote; our own packages must be those of the copy. */
async function linkModules(from: string, to: string): Promise<void> {
  const names = await readdir(join(from, "node_modules")).catch(() => [])
  const foreign = names.filter((name) => name !== "@warmpool" && name !== "warmpool" && name !== ".cache")
  for (const name of foreign) await link(join(from, "node_modules", name), join(to, "node_modules", name))
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}

async function build(folder: string): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  const path = [dirname(process.execPath), join(ROOT, "node_modules/.bin"), process.env["PATH"]]
  const env = { ...process.env, PATH: path.join(delimiter) }
  for (const source of await inOrder(folder)) {
    const cwd = join(folder, "packages", source)
    const { name, scripts } = await manifestIn(cwd)
    await run("sh", ["-c", scripts["build"] ?? "true"], { cwd, env }).catch(({ stdout, stderr }) => {
      failures.set(name, `${stdout}${stderr}`)
    })
  }
  return failures
}

/** The folders under `packages`, each after those that it needs. */
async function inOrder(root: string): Promise<readonly string[]> {
  const all = new Map<string, Manifest>()
  for (const source of await foldersOf(root))
    all.set(source, await manifestIn(join(root, "packages", source)))
  const ordered = new Set<string>()
  const visit = (source: string, manifest: Manifest): void => {
    for (const [other, its] of all) {
      if (!ordered.has(other) && its.name in dependenciesOf(manifest)) visit(other, its)
    }
    ordered.add(source)
  }
  for (const [source, manifest] of all) visit(source, manifest)
  return [...ordered]
}

async function pack(folder: string, target: string): Promise<readonly Tarball[]> {
  await mkdir(target)
  const sources = (await foldersOf(folder)).map((source) => `./packages/${source}`)
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", target, ...sources], { cwd: folder })
  const files = (await readdir(target)).filter((file) => file.endsWith(".tgz"))
  return Promise.all(files.map((file) => unpack(join(target, file))))
}

async function unpack(path: string): Promise<Tarball> {
  const folder = path.replace(/\.tgz$/, "")
  await mkdir(folder)
  await run("tar", ["-xzf", path, "-C", folder, "--strip-components", "1"])
  const manifest: Manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
  return { manifest, path, folder }
}
