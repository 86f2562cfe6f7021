import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { open, readFile, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import type { Guard } from "./guard.ts"
import type { RedisControl } from "./redis-control.ts"
import { RedisStartError, type ServerBinary } from "./server-binary.ts"

const READY_WITHIN_MS = 10_000
const LOG_LINES = 5

/** What one start of a server needs. */
export interface ServerPlan {
  readonly binary: ServerBinary
  /** Its own folder: configuration, log, working directory. */
  readonly folder: string
  readonly port: number
  readonly password: string | undefined
  /** Further lines of its configuration file. */
  readonly config: readonly string[]
  readonly args: readonly string[]
  readonly guard: Guard
  readonly control: RedisControl
}

/** Why a start failed, where another try may succeed. */
export type Setback = "port taken" | "directive unknown"

/** One life of a server: from its start to its end. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #running = true

  constructor(child: ChildProcess, guard: Guard) {
    this.#child = child
    this.#ended = once(child, "exit").catch(() => undefined)
    child.on("error", () => undefined)
    child.unref()
    const { pid } = child
    if (pid !== undefined) guard.watch(pid)
    void this.#ended.then(() => {
      this.#running = false
      if (pid !== undefined) guard.forget(pid)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get running(): boolean {
    return this.#running
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.ref()
    if (this.#running) this.#child.kill("SIGKILL")
    await this.#ended
  }
}

/** Writes the configuration that a server starts with. Servers rewrite theirs: it is kept over a restart. */
export async function writeConfig(plan: ServerPlan, debug: "debug" | "plain"): Promise<void> {
  await writeFile(configPathOf(plan), configOf(plan, debug), { mode: 0o600 })
}

/**
 * Starts a server with the configuration that is there and waits until it answers.
 *
 * @returns the reason instead when the start failed in a way that another try may mend.
 * @throws RedisStartError with the end of the server's log.
 */
export async function startProcess(plan: ServerPlan): Promise<ServerProcess | Setback> {
  const program = await programOf(plan)
  const log = await open(logOf(plan), "w")
  let server: ServerProcess
  try {
    // A file, not a pipe: a pipe that a stopped owner does not read would block the server in turn.
    const stdio = ["ignore" as const, log.fd, log.fd]
    const options = { stdio, cwd: plan.folder, detached: true }
    const child = spawn(program, [configPathOf(plan), ...plan.args], options)
    server = new ServerProcess(child, plan.guard)
  } finally {
    await log.close()
  }
  if (await becomesReady(server, plan.control)) return server
  await server.kill()
  const lines = await readFile(logOf(plan), "utf8")
  if (lines.includes("Address already in use")) return "port taken"
  if (lines.includes("enable-debug-command")) return "directive unknown"
  // A directive that is refused is shown with its arguments, which may be secrets.
  const end = lines
    .replace(/^(>>> '\S+) .*$/gm, "$1 …'")
    .trim()
    .split("\n")
    .slice(-LOG_LINES)
    .join("\n")
  throw new RedisStartError(`${plan.binary.path} did not start; its log ends with:\n${end}`)
}

function configPathOf(plan: ServerPlan): string {
  return join(plan.folder, "redis.conf")
}

function logOf(plan: ServerPlan): string {
  return join(plan.folder, "redis.log")
}

/** The checker becomes a server by the name that it is started under. */
async function programOf({ binary, folder }: ServerPlan): Promise<string> {
  if (!binary.checker) return binary.path
  const link = join(folder, "redis-server")
  await symlink(binary.path, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error
  })
  return link
}

function configOf(plan: ServerPlan, debug: "debug" | "plain"): string {
  const lines = ["bind 127.0.0.1", `port ${plan.port}`, 'save ""', "appendonly no", "daemonize no", "dir ."]
  lines.push(...plan.config)
  // Unknown before Redis 7, where DEBUG is always allowed.
  if (debug === "debug") lines.push("enable-debug-command yes")
  if (plan.password !== undefined) lines.push(`requirepass ${quoted(plan.password)}`)
  return `${lines.join("\n")}\n`
}

/** A configuration string in which no character has a meaning. */
export function quoted(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
  return `"${bytes.join("")}"`
}

/** Waits until the process itself answers: another server may have taken the port and answer in its place. */
async function becomesReady(server: ServerProcess, control: RedisControl): Promise<boolean> {
  const until = Date.now() + READY_WITHIN_MS
  while (server.running && Date.now() < until) {
    const info = await control.command("INFO", "server").catch(() => "")
    if (String(info).includes(`process_id:${server.pid}\r\n`)) return true
    control.drop()
    await wait(5)
  }
  return false
}
