import { mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { ControlledRedis } from "./controlled-redis.ts"
import { findFreePort } from "./free-port.ts"
import type { Home } from "./home.ts"
import type { RedisServer, StartRedisOptions } from "./redis.ts"
import { RedisControl } from "./redis-control.ts"
import { RedisStartError } from "./server-binary.ts"
import { type ServerPlan, ServerProcess, startProcess, writeConfig } from "./server-process.ts"
import { stopProcess } from "./stop-process.ts"

const HOST = "127.0.0.1"
const PORTS_TRIED = 10

/** What a server is started with, beside the options that users have. */
export interface ServerSettings extends StartRedisOptions {
  /** Gives further lines of its configuration file, for each port tried. */
  readonly config?: () => Promise<readonly string[]>
  /** Runs once the server is closed. */
  readonly onClosed?: () => Promise<void>
}

/**
 * Starts a server in a folder of its own in `home`.
 *
 * @throws RedisStartError when it did not start.
 */
export async function startServer(home: Home, settings: ServerSettings = {}): Promise<OwnRedis> {
  const { password, args = [], config, onClosed } = settings
  const folder = await mkdtemp(join(home.folder, "server-"))
  for (let tried = 0; tried < PORTS_TRIED; tried++) {
    const port = settings.port ?? (await findFreePort())
    const url =
      password === undefined
        ? `redis://${HOST}:${port}`
        : `redis://:${encodeURIComponent(password)}@${HOST}:${port}`
    const lines = config === undefined ? [] : await config()
    const control = new RedisControl(url)
    const plan = { ...home, folder, port, password, args, config: lines, control }
    const server = await startFirst(plan)
    if (server) return new OwnRedis(url, { plan, server, onClosed })
    if (settings.port !== undefined) break
  }
  throw new RedisStartError(`the port is taken: ${settings.port ?? `${PORTS_TRIED} in turn`}`)
}

/** Undefined when the port is taken. */
async function startFirst(plan: ServerPlan): Promise<ServerProcess | undefined> {
  await writeConfig(plan, "debug")
  let outcome = await startProcess(plan)
  if (outcome === "directive unknown") {
    await writeConfig(plan, "plain")
    outcome = await startProcess(plan)
    if (outcome === "directive unknown") throw new RedisStartError("it has no enable-debug-command")
  }
  return outcome instanceof ServerProcess ? outcome : undefined
}

interface Started {
  readonly plan: ServerPlan
  readonly server: ServerProcess
  readonly onClosed: (() => Promise<void>) | undefined
}

/** A server of ours, over as many lives as it is restarted. */
export class OwnRedis extends ControlledRedis implements RedisServer {
  readonly #plan: ServerPlan
  readonly #onClosed: (() => Promise<void>) | undefined
  #process: ServerProcess
  #paused = false
  #restarting: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(url: string, { plan, server, onClosed }: Started) {
    super(url, { host: HOST, port: plan.port, control: plan.control })
    this.#plan = plan
    this.#process = server
    this.#onClosed = onClosed
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Whether it runs and is not paused. */
  get answering(): boolean {
    return this.#process.running && !this.#paused
  }

  async restart(): Promise<void> {
    if (this.#closing) throw new RedisStartError("the server is closed")
    this.#restarting = this.#restart()
    await this.#restarting
  }

  async kill(): Promise<void> {
    await this.#process.kill()
    this.control.drop()
  }

  pause(): Promise<void> {
    this.#paused = true
    return stopProcess(this.pid, () => this.#process.signal("SIGSTOP"))
  }

  resume(): void {
    this.#paused = false
    this.#process.signal("SIGCONT")
  }

  override close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #restart(): Promise<void> {
    await this.kill()
    const outcome = await startProcess(this.#plan)
    if (!(outcome instanceof ServerProcess)) {
      throw new RedisStartError(`the port was taken meanwhile: ${this.port}`)
    }
    this.#process = outcome
    this.#paused = false
  }

  async #end(): Promise<void> {
    // What is about to start must end, too.
    await this.#restarting?.catch(() => undefined)
    this.control.close()
    await this.#process.kill()
    await this.#onClosed?.()
  }
}
