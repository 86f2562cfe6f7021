import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { createRedis, type Reply } from "@warmpool/core"
import { laneOf } from "@warmpool/core/lane"
import { type RedisServer, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"

/** A request as it came. */
export interface Seen {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Runs the request; gives what would be answered. */
export interface Ran {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

/** What happens to one request in place of being run and answered. */
export type Fault = (response: ServerResponse, run: () => Promise<Ran>) => unknown

export const TOKEN = "planted-token"

/** Upstash's REST protocol in front of a real server, or our gateway's: written apart from both, for tests. */
export class UpstashServer {
  readonly seen: Seen[] = []
  readonly faults: Fault[] = []
  /** Added to every answer. */
  readonly headers: Record<string, string> = {}
  readonly redis: RedisServer
  readonly #sockets = new Set<Socket>()
  readonly #lane
  readonly #client
  readonly #http = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("error", () => undefined)
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const one = {
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      this.seen.push(one)
      const fault = this.faults.shift() ?? answer
      void fault(response, () => this.#run(one))
    })
  })

  constructor(redis: RedisServer) {
    this.redis = redis
    this.#client = createRedis({ transport: socketTransport({ url: redis.url }) })
    this.#lane = laneOf(this.#client)
    this.#http.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size
  }

  get isGateway(): boolean {
    return "warmpool-gateway" in this.headers
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve))
  }

  /** Forgets what was seen, ends the connections, empties the server. */
  async reset(): Promise<void> {
    this.cut()
    this.seen.length = 0
    this.faults.length = 0
    for (const name of Object.keys(this.headers)) delete this.headers[name]
    await this.redis.command("FLUSHALL")
  }

  /** Closes every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Ends it, and leaves its redis-server. */
  async stop(): Promise<void> {
    this.cut()
    this.#http.close()
    await this.#client.close()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.redis.close()
  }

  async #run({ path, headers, body }: Seen): Promise<Ran> {
    const json = { "content-type": "application/json", ...this.headers }
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return { status: 401, headers: json, body: `{"error":"Unauthorized"}` }
    const parsed: unknown[] = JSON.parse(body)
    const lists = (path === "/" ? [parsed] : parsed) as string[][]
    const isBase64 = this.isGateway && headers["warmpool-arguments"] === "base64"
    const commands = lists.map((list) =>
      list.map((arg) => (isBase64 ? Buffer.from(arg, "base64") : String(arg))),
    )
    const isResp = headers["upstash-response-format"] === "resp2" && path !== "/multi-exec"
    const decode = isResp ? "raw" : "bytes"
    const send = path === "/multi-exec" ? this.#lane.transact : this.#lane.send
    try {
      const outcomes = (await send.call(this.#lane, commands, { decode })) ?? []
      const failed = path === "/" && outcomes[0] instanceof Error
      const status = failed ? 400 : 200
      if (isResp)
        return {
          status,
          headers: { ...json, "content-type": "application/octet-stream" },
          body: Buffer.concat(
            outcomes.map((one) => (one instanceof Uint8Array ? one : Buffer.from(`-${messageOf(one)}\r\n`))),
          ),
        }
      const encode = headers["upstash-encoding"] === "base64" ? "base64" : "utf8"
      const items = outcomes.map((one) => itemOf(one, encode))
      return { status, headers: json, body: path === "/" ? (items[0] ?? "") : `[${items.join(",")}]` }
    } catch (error) {
      return { status: 400, headers: json, body: JSON.stringify({ error: messageOf(error) }) }
    }
  }
}

/** Answers what was asked. */
export async function answer(response: ServerResponse, run: () => Promise<Ran>): Promise<void> {
  const { status, headers, body } = await run()
  response.writeHead(status, headers).end(body)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function itemOf(outcome: Reply | Error, encoding: "base64" | "utf8"): string {
  if (outcome instanceof Error) return JSON.stringify({ error: outcome.message })
  return `{"result":${resultOf(outcome, encoding)}}`
}

function resultOf(reply: Reply, encoding: "base64" | "utf8"): string {
  if (reply instanceof Uint8Array) {
    const text = Buffer.from(reply)
    return JSON.stringify(text.toString() === "OK" ? "OK" : text.toString(encoding))
  }
  if (Array.isArray(reply)) return `[${reply.map((item: Reply) => resultOf(item, encoding)).join(",")}]`
  // An integer beyond 2^53 comes as its digits.
  return reply instanceof Error ? JSON.stringify({ error: reply.message }) : String(reply)
}

/** Starts one, with a redis-server of its own. */
export async function startUpstash(): Promise<UpstashServer> {
  const server = new UpstashServer(await startRedis())
  await server.listen()
  return server
}
