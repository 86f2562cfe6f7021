import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type AddressInfo, Server as NetServer } from "node:net"
import { ConfigError } from "@warmpool/core"
import { Gateway } from "../gateway.ts"
import type { Tokens } from "../grants.ts"
import { type GatewayOptions, readSettings } from "../options.ts"
import { nodeCodec } from "./codec.ts"
import { Connections } from "./connections.ts"
import { readServeOptions, type ServeOptions, type ServerSettings } from "./options.ts"
import { NodeExchange, writeAnswer } from "./respond.ts"
import { followTokensFile, readTokensFile } from "./tokens-file.ts"

const WHERE = "serveGateway"

/** A gateway that listens. */
export interface ServedGateway extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:8787`: what clients take as their URL. */
  readonly url: string
  /** See `createGateway`. */
  replaceTokens(tokens: Tokens): Promise<void>
  /** Takes nothing new, answers what was accepted, ends event streams, and closes. `redis` stays open. */
  drain(): Promise<void>
}

/**
 * Serves a gateway on `node:http`. TLS is for the proxy in front of it.
 *
 * @throws ConfigError for a wrong option, and when it can't listen there.
 */
export async function serveGateway(options: ServeOptions): Promise<ServedGateway> {
  const [server, rest] = readServeOptions(WHERE, options)
  const { tokensFile } = server
  if (tokensFile !== undefined && options.tokens !== undefined)
    throw new ConfigError(`${WHERE}: tokens and tokensFile contradict: keep one`)
  const text = tokensFile === undefined ? "" : readTokensFile(tokensFile)
  const settings = readSettings(WHERE, { ...rest, ...(tokensFile !== undefined && { tokens: text }) })
  const served = new NodeServer(new Gateway(settings, nodeCodec), server, settings)
  await served.listen()
  if (tokensFile !== undefined) {
    const reread = async (): Promise<void> => served.replaceTokens(readTokensFile(tokensFile))
    const changed = () => void reread().catch((error: unknown) => settings.onError?.(error))
    served.onEnd(followTokensFile(tokensFile, text, changed))
  }
  for (const signal of server.signals) {
    const end = () => void served.drain().then(() => settings.redis.drain())
    process.once(signal, end)
    served.onEnd(() => process.off(signal, end))
  }
  return served
}

class NodeServer implements ServedGateway {
  readonly #gateway: Gateway
  readonly #settings: ServerSettings
  readonly #server: Server
  readonly #connections = new Connections()
  readonly #onEnd: (() => void)[] = []
  #isClosing = false
  #drained: Promise<void> | undefined

  constructor(gateway: Gateway, settings: ServerSettings, options: Pick<GatewayOptions, "onError">) {
    this.#gateway = gateway
    this.#settings = settings
    const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = settings
    this.#server = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
        keepAliveTimeout: keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
        noDelay: true,
      },
      (request, response) => {
        response.on("error", ignore)
        this.#serve(request, response).catch((error: unknown) => {
          response.destroy()
          options.onError?.(error)
        })
      },
    )
    this.#server.maxConnections = settings.maxConnections
  }

  get host(): string {
    return this.#settings.host
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#settings.port
  }

  get url(): string {
    return `http://${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`
  }

  async listen(): Promise<void> {
    const { host, port } = this.#settings
    this.#server.listen(port, host)
    try {
      await once(this.#server, "listening")
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
      throw new ConfigError(`${WHERE}: can't listen on ${host}:${port}: ${code}`, { cause })
    }
  }

  onEnd(listener: () => void): void {
    this.#onEnd.push(listener)
  }

  replaceTokens(tokens: Tokens): Promise<void> {
    return this.#gateway.replaceTokens(tokens)
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain()
    return this.#drained
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // How long the one before was given to take its answer says nothing of this one.
    if (response.socket === null) response.once("socket", (socket) => socket.setTimeout(0))
    const connection = this.#connections.enter(request.socket, response)
    const exchange = new NodeExchange(request, response)
    const answer = await connection.inTurn(exchange, () => this.#gateway.answer(exchange))
    if (response.destroyed) {
      if (typeof answer.body === "object" && "close" in answer.body) answer.body.close()
      return
    }
    // What is left of a body that nobody read would be taken for the next request.
    const isUnread = !request.complete && answer.status >= 400
    // No answer follows one that closes.
    const isLast = this.#isClosing && connection.open.size === 1
    writeAnswer(response, answer, isUnread || isLast ? "close" : undefined)
    // Nearly always the kernel has taken it all by now; behind another's answer, none of it.
    const { socket, writableEnded } = response
    if (socket === null || !writableEnded || socket.writableLength > 0) this.#cutOffIfSlow(response)
  }

  /** A client that does not read its answer holds its memory. An event stream on which nothing happens holds none. */
  #cutOffIfSlow(response: ServerResponse): void {
    response.setTimeout(this.#settings.responseTimeoutMs, () => {
      if (response.writableEnded || response.writableLength > 0) response.destroy()
    })
  }

  async #drain(): Promise<void> {
    const { drainGraceMs, drainTimeoutMs } = this.#settings
    const server = this.#server
    this.#isClosing = true
    this.#gateway.retire()
    // Clients learn of it from answers that close their connections, and balancers from /healthz, before any is refused.
    await wait(drainGraceMs / 2)
    const closed = once(server, "close")
    // Node's own `close` of an HTTP server would also end connections whose request is still on its way.
    NetServer.prototype.close.call(server)
    const cutOff = setTimeout(() => server.closeAllConnections(), drainTimeoutMs)
    await Promise.race([closed, wait(drainGraceMs / 2)])
    // To Node, a connection is idle as soon as its answer is written, though the client has not yet taken it all.
    await this.#connections.quiet()
    server.closeIdleConnections()
    await closed
    clearTimeout(cutOff)
    // Ends the timer that Node's own `close` would have ended.
    server.close()
    await this.#gateway.drain()
    for (const listener of this.#onEnd) listener()
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The client is gone: nobody is left to tell. */
function ignore(): void {}
