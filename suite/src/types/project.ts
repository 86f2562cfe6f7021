import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const TSC = join(ROOT, "node_modules/typescript/bin/tsc")

/** What a project of a user's has installed, and which globals it knows. */
export interface ProjectOptions {
  /** Packages of others, by name, beside ours. */
  readonly installed?: readonly string[]
  readonly types?: readonly string[]
  readonly lib?: readonly string[]
  /** Conditions of `exports` that a bundler or a runtime adds. */
  readonly conditions?: readonly string[]
}

/** Our packages as npm would publish them, unpacked outside the repository: nothing of it is in reach. */
export class PackedPackages implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Packs the workspaces of these names: `core` and the like. */
  static async of(names: readonly string[]): Promise<PackedPackages> {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-packed-"))
    const workspaces = names.flatMap((name) => ["--workspace", `packages/${name}`])
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder, ...workspaces], { cwd: ROOT })
    await Promise.all(names.map((name) => unpack(folder, name)))
    return new PackedPackages(folder)
  }

  /** Checks one file as the compiler of such a project does; resolves with what it says. */
  async check(file: string, options: ProjectOptions = {}): Promise<string> {
    const { installed = [], types = [], lib = ["es2023"], conditions = [] } = options
    const project = await mkdtemp(join(this.#folder, "project-"))
    await cp(join(this.#folder, "unpacked"), join(project, "node_modules/@warmpool"), { recursive: true })
    for (const name of installed) await link(project, name)
    await cp(file, join(project, basename(file)))
    await writeFile(join(project, "package.json"), '{ "type": "module" }')
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      target: "es2023",
      module: "nodenext",
      lib: [...lib, "esnext.disposable"],
      types,
      customConditions: conditions,
    }
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: [basename(file)] }),
    )
    return run(process.execPath, [TSC, "-p", project, "--pretty", "false"]).then(
      () => "",
      ({ stdout }: { stdout: string }) => stdout,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

async function unpack(folder: string, name: string): Promise<void> {
  const target = join(folder, "unpacked", name)
  const tarball = (await readdir(folder)).find((file) => file.startsWith(`warmpool-${name}-`))
  if (tarball === undefined) throw new Error(`npm packed no ${name}`)
  await mkdir(target, { recursive: true })
  await run("tar", ["-xzf", join(folder, tarball), "-C", target, "--strip-components", "1"])
}

async function link(project: string, name: string): Promise<void> {
  const path = join(project, "node_modules", name)
  await mkdir(dirname(path), { recursive: true })
  // Where npm keeps two versions of a package, ours is the suite's own.
  const own = join(ROOT, "suite/node_modules", name)
  await symlink(existsSync(own) ? own : join(ROOT, "node_modules", name), path)
}
