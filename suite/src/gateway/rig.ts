import { createRedis, type Redis } from "@warmpool/core"
import { type ServedGateway, type ServeOptions, serveGateway } from "@warmpool/gateway/node"
import { startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"

export const TOKEN = "a-token-that-may-do-all"

/** A gateway in front of a server, and the client between them. */
export interface GatewayRig extends AsyncDisposable {
  readonly gateway: ServedGateway
  readonly redis: Redis
  /** Sends one request, by default with the full token. */
  send(path: string, init?: RequestInit): Promise<Answered>
  /** Posts commands or one command as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>
}

/** An answer, read to its end. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Uint8Array
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown
}

/** What the rig takes beside the gateway's own options. */
export type RigOptions = Partial<ServeOptions> & {
  readonly url?: string
  readonly client?: Omit<Parameters<typeof createRedis>[0], "transport">
}

/** Starts a gateway in front of the server at `url`. */
export async function startGateway({ url = "", client, ...options }: RigOptions): Promise<GatewayRig> {
  const redis = createRedis({ ...client, transport: socketTransport({ url }) })
  const gateway = await serveGateway({
    redis,
    ...(options.tokensFile === undefined && { tokens: TOKEN }),
    port: 0,
    drainGraceMs: 0,
    drainTimeoutMs: 5_000,
    signals: [],
    ...options,
  })
  const send = (path: string, init: RequestInit = {}) => request(`${gateway.url}${path}`, init)
  return {
    gateway,
    redis,
    send,
    post: (path, body, headers = {}) => send(path, { method: "POST", body: JSON.stringify(body), headers }),
    async [Symbol.asyncDispose]() {
      await gateway.drain()
      await redis.close()
    },
  }
}

/** Starts a server too. */
export async function startAll(options: Omit<RigOptions, "url"> = {}) {
  const server = await startRedis()
  const rig = await startGateway({ ...options, url: server.url })
  const end = async () => {
    await rig[Symbol.asyncDispose]()
    await server.close()
  }
  return { ...rig, server, [Symbol.asyncDispose]: end }
}

async function request(url: string, init: RequestInit): Promise<Answered> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    ...(init.headers as Record<string, string> | undefined),
  }
  const response = await fetch(url, { ...init, headers })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  return { status: response.status, headers: response.headers, text, bytes, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
