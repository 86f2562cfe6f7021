import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findFreePort } from "./free-port.ts"
import { Guard } from "./guard.ts"
import { type RedisClient, RedisControl } from "./redis-control.ts"
import type { RedisReply } from "./resp-reply.ts"
import { findServerBinary, RedisStartError } from "./server-binary.ts"
import { type ServerPlan, ServerProcess, startProcess } from "./server-process.ts"
import { stopProcess } from "./stop-process.ts"

const HOST = "127.0.0.1"
const PORTS_TRIED = 10

export interface StartRedisOptions {
  /** Further configuration, as on redis-server's command line: `["--maxclients", "10"]`. */
  readonly args?: readonly string[]
  /** Asked of every client; also part of `url`. */
  readonly password?: string
  /** @defaultValue a free one */
  readonly port?: number
}

/** A server that we can send commands to. */
export interface AttachedRedis extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly port: number
  /**
   * Sends one command over the control connection, which `clients` leaves out.
   *
   * @throws Error with the server's message when the reply is an error.
   */
  command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply>
  /** Everybody connected but control connections. */
  clients(): Promise<readonly RedisClient[]>
  close(): Promise<void>
}

/** A server of our own: nobody else is on it, and it ends when this process ends, however that happens. */
export interface RedisServer extends AttachedRedis {
  /** Of the process now running; a restart changes it. */
  readonly pid: number
  /** Ends the server by SIGKILL if it runs and starts it again, empty, on the same port. */
  restart(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay, the kernel still accepts and buffers, nobody answers. Resolves when it stands. */
  pause(): Promise<void>
  /** SIGCONT. */
  resume(): void
}

/**
 * Starts a redis-server or valkey-server on a loopback port of its own, in a folder of its own, without
 * persistence; DEBUG is allowed. By itself it does not keep this process alive.
 *
 * @throws RedisStartError when there is none to start, or it did not start.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const binary = await findServerBinary()
  const folder = await mkdtemp(join(tmpdir(), "warmpool-redis-"))
  const guard = new Guard(folder)
  const { password, args = [] } = options
  try {
    for (let tried = 0; tried < PORTS_TRIED; tried++) {
      const port = options.port ?? (await findFreePort())
      const url =
        password === undefined
          ? `redis://${HOST}:${port}`
          : `redis://:${encodeURIComponent(password)}@${HOST}:${port}`
      const plan = { binary, folder, port, password, args, guard, control: new RedisControl(url) }
      const server = await startOn(plan)
      if (server) return new OwnRedis(url, plan, server)
      if (options.port !== undefined) break
    }
    throw new RedisStartError(`the port is taken: ${options.port ?? `${PORTS_TRIED} in turn`}`)
  } catch (error) {
    await guard.close()
    throw error
  }
}

/** Sends commands to a server that somebody else started; nothing but `command` and `clients`. */
export function attachRedis(url: string): AttachedRedis {
  const { hostname, port } = new URL(url)
  return new ControlledRedis(url, {
    host: hostname,
    port: Number(port || 6379),
    control: new RedisControl(url),
  })
}

/** Undefined when the port is taken. */
async function startOn(plan: ServerPlan): Promise<ServerProcess | undefined> {
  let outcome = await startProcess(plan, "debug")
  if (outcome === "directive unknown") outcome = await startProcess(plan, "plain")
  return outcome instanceof ServerProcess ? outcome : undefined
}

class ControlledRedis implements AttachedRedis {
  readonly url: string
  readonly host: string
  readonly port: number
  protected readonly control: RedisControl

  constructor(url: string, { host, port, control }: { host: string; port: number; control: RedisControl }) {
    this.url = url
    this.host = host
    this.port = port
    this.control = control
  }

  command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    return this.control.command(...args)
  }

  clients(): Promise<readonly RedisClient[]> {
    return this.control.clients()
  }

  async close(): Promise<void> {
    this.control.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

class OwnRedis extends ControlledRedis implements RedisServer {
  readonly #plan: ServerPlan
  #process: ServerProcess
  #closing: Promise<void> | undefined

  constructor(url: string, plan: ServerPlan, server: ServerProcess) {
    super(url, { host: HOST, port: plan.port, control: plan.control })
    this.#plan = plan
    this.#process = server
  }

  get pid(): number {
    return this.#process.pid
  }

  async restart(): Promise<void> {
    if (this.#closing) throw new RedisStartError("the server is closed")
    await this.kill()
    const server = await startOn(this.#plan)
    if (!server) throw new RedisStartError(`the port was taken meanwhile: ${this.port}`)
    this.#process = server
  }

  async kill(): Promise<void> {
    await this.#process.kill()
    this.control.drop()
  }

  pause(): Promise<void> {
    return stopProcess(this.pid, () => this.#process.signal("SIGSTOP"))
  }

  resume(): void {
    this.#process.signal("SIGCONT")
  }

  override close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    this.control.close()
    await this.#process.kill()
    await this.#plan.guard.close()
  }
}
