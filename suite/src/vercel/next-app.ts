import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const EXAMPLE = fileURLToPath(new URL("../../../examples/nextjs", import.meta.url))
/** As deep as the example, so that it finds the same packages; outside the workspaces, which must not change meanwhile. */
const COPIES = fileURLToPath(new URL("../../../.nextjs", import.meta.url))
/** What a build leaves behind, and what is linked. */
const LEFT_OUT = new Set(["node_modules", ".next"])
const GRACE_MS = 10_000

/** A copy of the example, so that tests may edit it and do not share a build. */
export interface NextApp extends Disposable {
  /** Changes a file of the copy. */
  edit(path: string, change: (text: string) => string): void
  /** Puts a file into the copy, in place of one or beside them. */
  write(path: string, text: string): void
  /**
   * `next build`, by Turbopack unless told otherwise; resolves with what it printed.
   *
   * @throws Error with that when it fails.
   */
  build(bundler?: "webpack"): Promise<string>
  /** `next start` or `next dev`, on a port of its own; resolves when it serves. */
  serve(command: "start" | "dev", env: Environment): Promise<NextServer>
}

/** A running server. Whoever has it closes it. */
export interface NextServer extends AsyncDisposable {
  readonly url: string
  /** Everything it printed. */
  readonly output: string
}

type Environment = Readonly<Record<string, string>>

/** Copies the example to a folder of its own; the copy is removed at the end. */
export function copyNextApp(): NextApp {
  removeOrphans()
  const folder = mkdtempSync(join(COPIES, `${process.pid}-`))
  cpSync(EXAMPLE, folder, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) })
  symlinkSync(join(EXAMPLE, "node_modules"), join(folder, "node_modules"))
  return {
    edit: (path, change) => {
      const file = join(folder, path)
      writeFileSync(file, change(readFileSync(file, "utf8")))
    },
    write: (path, text) => writeFileSync(join(folder, path), text),
    build: async (bundler) => {
      const next = new NextProcess(folder, ["build", ...(bundler ? [`--${bundler}`] : [])], {})
      const code = await next.ended
      if (code === 0) return next.output
      throw new Error(`next build ended with ${code}:\n${next.output}`)
    },
    serve: async (command, env) => {
      const next = new NextProcess(folder, [command, "--hostname", "127.0.0.1", "--port", "0"], env)
      await next.serving
      return next
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Removes copies whose owner was killed. */
function removeOrphans(): void {
  mkdirSync(COPIES, { recursive: true })
  for (const name of readdirSync(COPIES)) {
    const owner = /^(\d+)-/.exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) {
      rmSync(join(COPIES, name), { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** One `next`, with an environment of its own and nothing sent home. */
class NextProcess implements NextServer {
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** Resolves when it serves; rejects when it ended before. */
  readonly serving: Promise<void>
  readonly #child: ChildProcess
  #output = ""
  #url = ""

  constructor(folder: string, args: readonly string[], env: Environment) {
    const program = join(folder, "node_modules/next/dist/bin/next")
    this.#child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, NEXT_TELEMETRY_DISABLED: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.ended = once(this.#child, "close").then(([code, signal]) => code ?? signal)
    this.serving = new Promise((resolve, reject) => {
      this.#onText((text) => {
        this.#output += text
        this.#url ||= /Local:\s+(http:\S+)/.exec(this.#output)?.[1] ?? ""
        if (this.#url !== "" && this.#output.includes("Ready in")) resolve()
      })
      void this.ended.then((code) => reject(new Error(`next ended with ${code}:\n${this.#output}`)))
    })
    // A build never serves.
    this.serving.catch(() => {})
  }

  get url(): string {
    return this.#url
  }

  get output(): string {
    return this.#output
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM")
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS)
    await this.ended
    clearTimeout(timer)
  }

  #onText(take: (text: string) => void): void {
    this.#child.stdout?.setEncoding("utf8").on("data", take)
    this.#child.stderr?.setEncoding("utf8").on("data", take)
  }
}

/** The text of the element with this id, as the server rendered it; undefined where there is none. */
export function textOf(html: string, id: string): string | undefined {
  return new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)?.[1]
}
