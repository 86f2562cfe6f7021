import { execFile } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const run = promisify(execFile)
const PNPM = fileURLToPath(new URL("../../node_modules/pnpm/bin/pnpm.mjs", import.meta.url))

/** What a program said, and how it ended. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type Installer = "npm" | "pnpm"

/** Each keeps what it fetches beside the project: whoever runs this has caches of their own. */
const INSTALL: Readonly<Record<Installer, readonly string[]>> = {
  npm: ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--cache=../cache-npm"],
  pnpm: [
    process.execPath,
    PNPM,
    "install",
    "--no-frozen-lockfile",
    "--reporter=append-only",
    "--store-dir=../store-pnpm",
    "--config.cache-dir=../cache-pnpm",
    "--config.state-dir=../state-pnpm",
  ],
}

/** What a project of a user's asks for, and where it gets it. */
export interface ProjectOptions {
  readonly installer: Installer
  readonly registry: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** A project of a user's, outside this repository, in which packages are installed and programs run. */
export class EmptyProject {
  readonly folder: string
  /** What the installer said. */
  readonly installed: Said

  private constructor(folder: string, installed: Said) {
    this.folder = folder
    this.installed = installed
  }

  /** Makes the folder, whose owner removes it, and installs what is asked for. */
  static async make(
    folder: string,
    { installer, registry, dependencies }: ProjectOptions,
  ): Promise<EmptyProject> {
    await mkdir(folder)
    const manifest = { name: "project", version: "1.0.0", private: true, type: "module", dependencies }
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest))
    await writeFile(join(folder, ".npmrc"), `registry=${registry}\n`)
    return new EmptyProject(folder, await runIn(folder, INSTALL[installer], {}))
  }

  async write(name: string, contents: string): Promise<void> {
    await writeFile(join(this.folder, name), contents)
  }

  /** Runs Node here. */
  node(...args: readonly string[]): Promise<Said> {
    return runIn(this.folder, [process.execPath, ...args], {})
  }

  /** Runs any command here, with these variables. */
  run(command: readonly string[], variables: Readonly<Record<string, string>>): Promise<Said> {
    return runIn(this.folder, command, variables)
  }
}

function runIn(
  cwd: string,
  [command = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Said> {
  // npm tells its children about the project it was started in, and ours is another.
  const own = Object.entries(process.env).filter(([name]) => !/^(npm|pnpm|vitest)_/i.test(name))
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter)
  const env = { ...Object.fromEntries(own), PATH, CI: "1", ...variables }
  return run(command, args, { cwd, env, maxBuffer: 16_000_000, timeout: 120_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({
      code: Number(code) || 1,
      stdout: String(stdout),
      stderr: String(stderr),
    }),
  )
}
