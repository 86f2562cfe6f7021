import { connect as connectTcp, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { encodeCommand, type RedisReply, ReplyReader } from "./resp-reply.ts"

/** The name under which control connections stand in CLIENT LIST. */
export const CONTROL_NAME = "warmpool-control"

/** One other client of the server: the fields of its line in CLIENT LIST, such as `id`, `addr`, `name`, `cmd`. */
export type RedisClient = Readonly<Record<string, string>>

interface Waiting {
  resolve(reply: RedisReply): void
  reject(error: Error): void
}

/** What one control connection has: its socket and the commands that wait for a reply, oldest first. */
interface Line {
  readonly socket: Socket
  readonly waiting: Waiting[]
}

/**
 * Sends commands to a server over one connection of its own, opened when needed and again after a loss. Idle, it
 * keeps no process alive. RESP2 and one reply a command: no subscriptions, no MONITOR, no CLIENT REPLY.
 */
export class RedisControl {
  readonly #url: URL
  #line: Promise<Line> | undefined
  #closed: Error | undefined

  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** @throws Error with the server's message when the reply is an error, or when the connection is lost. */
  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    if (this.#closed) throw this.#closed
    return ask(await (this.#line ?? this.#open()), args)
  }

  /** Everybody connected to the server but control connections. */
  async clients(): Promise<readonly RedisClient[]> {
    const list = await this.command("CLIENT", "LIST")
    const lines = String(list).split("\n").filter(Boolean)
    return lines.map(parseClient).filter((client) => client["name"] !== CONTROL_NAME)
  }

  /** Drops the connection; what waits for a reply is rejected, the next command opens another. */
  drop(reason = new Error("the control connection was dropped")): void {
    const line = this.#line
    this.#line = undefined
    line?.then(
      ({ socket }) => socket.destroy(reason),
      () => undefined,
    )
  }

  close(): void {
    this.#closed ??= new Error("the control connection is closed")
    this.drop(this.#closed)
  }

  #open(): Promise<Line> {
    const forget = () => {
      if (this.#line === opening) this.#line = undefined
    }
    const opening = openLine(this.#url, forget)
    this.#line = opening
    opening.catch(forget)
    return opening
  }
}

async function openLine(url: URL, onLoss: () => void): Promise<Line> {
  const socket = dial(url)
  const waiting: Waiting[] = []
  let reason = new Error("the server closed the control connection")
  const reader = new ReplyReader((reply) => {
    const owed = waiting.shift()
    if (waiting.length === 0) socket.unref()
    if (reply instanceof Error) owed?.reject(reply)
    else owed?.resolve(reply)
  })
  socket.on("data", (chunk) => reader.push(chunk))
  socket.on("error", (error) => {
    reason = error
    onLoss()
  })
  socket.on("end", () => {
    onLoss()
    socket.destroy()
  })
  socket.on("close", () => {
    onLoss()
    for (const owed of waiting.splice(0)) owed.reject(reason)
  })
  const line = { socket, waiting }
  await shakeHands(line, url)
  return line
}

function dial(url: URL): Socket {
  const address = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 6379),
    noDelay: true,
  }
  return /^(?:rediss|valkeys):$/.test(url.protocol) ? connectTls(address) : connectTcp(address)
}

async function shakeHands(line: Line, url: URL): Promise<void> {
  const password = decodeURIComponent(url.password)
  const username = decodeURIComponent(url.username)
  const database = url.pathname.replace("/", "")
  try {
    if (password !== "") await ask(line, username === "" ? ["AUTH", password] : ["AUTH", username, password])
    await ask(line, ["CLIENT", "SETNAME", CONTROL_NAME])
    if (database !== "" && database !== "0") await ask(line, ["SELECT", database])
  } catch (error) {
    line.socket.destroy()
    throw error
  }
}

function ask(
  { socket, waiting }: Line,
  args: readonly (string | number | Uint8Array)[],
): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(new Error("the control connection was lost"))
      return
    }
    waiting.push({ resolve, reject })
    socket.ref()
    socket.write(encodeCommand(args))
  })
}

function parseClient(line: string): RedisClient {
  const fields = line.split(" ").map((field): [string, string] => {
    const equals = field.indexOf("=")
    return [field.slice(0, equals), field.slice(equals + 1)]
  })
  return Object.fromEntries(fields)
}
