import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls"

/** What a front has seen of one TLS client. */
export interface Handshake {
  readonly servername: TLSSocket["servername"]
  readonly resumed: boolean
  readonly client: string | readonly string[] | undefined
}

/** Something in front of a TCP port: another kind of socket, or TLS. */
export interface Front extends AsyncDisposable {
  readonly port: number
  readonly handshakes: readonly Handshake[]
  close(): Promise<void>
}

/** Where a front listens and what it speaks there. */
export interface FrontOptions {
  readonly target: { readonly host: string; readonly port: number }
  /** A Unix socket to listen on, instead of a free port. */
  readonly path?: string
  readonly tls?: TlsOptions
}

/** Starts a front; how one side ends, by FIN or by RST, the other side sees too. */
export async function startFront({ target, path, tls }: FrontOptions): Promise<Front> {
  const handshakes: Handshake[] = []
  const upstreams = new Map<Socket, Socket>()
  const clients = new Set<Socket>()
  const secured = createTlsServer(tls ?? {}, (socket) => {
    handshakes.push({
      servername: socket.servername,
      resumed: socket.isSessionReused(),
      client: socket.getPeerCertificate().subject?.CN,
    })
    const raw = [...upstreams.keys()].find((client) => client.remotePort === socket.remotePort)
    const upstream = raw && upstreams.get(raw)
    if (raw && upstream) join(socket, { raw, upstream })
  })
  secured.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy())

  // The upstream comes first, so that a target that refuses is a front that refuses.
  const server: Server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    clients.add(client)
    const upstream = connect({ ...target, noDelay: true })
    upstreams.set(client, upstream)
    client.on("error", () => upstream.resetAndDestroy())
    client.on("close", () => {
      clients.delete(client)
      upstreams.delete(client)
      // A Unix socket has no reset of its own: every end of one may have been meant as one.
      if (path === undefined) upstream.destroy()
      else upstream.resetAndDestroy()
    })
    upstream.on("error", () => (path === undefined ? client.resetAndDestroy() : client.destroy()))
    upstream.once("connect", () => {
      if (tls) secured.emit("connection", client)
      else join(client, { raw: client, upstream })
    })
  })
  server.listen(path === undefined ? { host: "127.0.0.1", port: 0 } : { path })
  await once(server, "listening")

  const close = async () => {
    for (const client of clients) client.destroy()
    server.close()
    await once(server, "close")
  }
  const port = path === undefined ? (server.address() as AddressInfo).port : 0
  return { port, handshakes, close, [Symbol.asyncDispose]: close }
}

function join(socket: Socket, { raw, upstream }: { raw: Socket; upstream: Socket }): void {
  socket.on("error", () => {
    upstream.resetAndDestroy()
    raw.destroy()
  })
  upstream.pipe(socket)
  // The client's close ends the upstream: an end before it would be in the way of a reset.
  socket.pipe(upstream, { end: false })
}
