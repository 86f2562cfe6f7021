import type { RedisServer } from "@warmpool/local"

/** How long connections must stand to count, ms: a server may greet the next one before it hears that the last has gone. */
const STANDING_MS = 50

/** Counts over and over who is connected to a server. */
export class Census implements AsyncDisposable {
  /** The most connections that stood at once, and not for a moment only. */
  most = 0
  samples = 0
  readonly #server: RedisServer
  /** Since when there have been more than so many. */
  readonly #since: (number | undefined)[] = []
  readonly #counting: Promise<void>
  #over = false

  constructor(server: RedisServer) {
    this.#server = server
    this.#counting = this.#count()
  }

  async #count(): Promise<void> {
    while (!this.#over) {
      this.#note(await connected(this.#server))
      this.samples += 1
    }
  }

  #note(count: number): void {
    const now = performance.now()
    this.#since.length = count
    for (let level = 0; level < count; level += 1) {
      const since = this.#since[level] ?? now
      this.#since[level] = since
      if (now - since >= STANDING_MS) this.most = Math.max(this.most, level + 1)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await this.#counting
  }
}

/** How many are connected. `A` marks those that have gone and that the server is about to forget. */
export async function connected(server: RedisServer): Promise<number> {
  const clients = await server.clients()
  return clients.filter(({ flags }) => !flags?.includes("A")).length
}

/** Closes one connection, whoever's it is; gives how many it were. */
export async function killOne(server: RedisServer): Promise<number> {
  const clients = await server.clients()
  const { id } = clients[Math.floor(Math.random() * clients.length)] ?? {}
  return id === undefined ? 0 : Number(await server.command("CLIENT", "KILL", "ID", id))
}

/** Resolves once the server says so; asks until then, as a server tells nobody by itself. */
export async function untilServer(
  server: RedisServer,
  met: (server: RedisServer) => Promise<boolean>,
): Promise<void> {
  while (!(await met(server))) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Resolves once so many callers wait on the server for data. */
export function untilBlocked(server: RedisServer, count: number): Promise<void> {
  return untilServer(server, async () => {
    const info = String(await server.command("INFO", "clients"))
    return info.includes(`blocked_clients:${count}\r\n`)
  })
}
