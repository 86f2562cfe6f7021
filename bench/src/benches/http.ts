import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { entrants, everybody } from "../contestants.ts"
import { fill } from "../data.ts"
import { Recorder } from "../measurement.ts"
import { type Peer, Peers } from "../peer/peer.ts"

const SOCKETS = 64
const TURNS_LONGER = 3
const REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
export const SERVED = "node:http, 64 keep-alive connections, 3 GETs one after another"

export const http: Bench = {
  title: "Behind an HTTP server",
  about:
    "A node:http server in each client's process answers requests from 64 keep-alive connections; for each it reads three keys, one after another. " +
    "CPU is that of the server's process, HTTP included.",
  async run(effort) {
    const { rounds, turnMs, warmUpMs } = effort
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using peers = await Peers.start(entrants(effort, everybody), server.url)
    const served = await Promise.all(peers.all.map((peer) => Served.start(peer)))
    if (warmUpMs > 0) for (const one of served) await one.load(warmUpMs * TURNS_LONGER)
    await inTurn(rounds, served, async (one) => {
      const { requests, ms, cpuUs } = await one.load(turnMs * TURNS_LONGER)
      const contestant = one.name
      recorder.add({ what: SERVED, unit: "requests/s", contestant }, (requests / ms) * 1_000)
      recorder.add({ what: SERVED, unit: "µs CPU per request", contestant }, cpuUs / requests)
    })
    for (const one of served) one.close()
    return recorder.findings
  },
}

/** A server and the connections to it. They ask by bytes alone: a real client would cost more than what it measures. */
class Served {
  readonly name: string
  readonly #peer: Peer
  readonly #sockets: readonly Socket[]
  /** Bytes of one response; all are of the same length. */
  readonly #length: number

  private constructor(peer: Peer, sockets: readonly Socket[], length: number) {
    this.name = peer.name
    this.#peer = peer
    this.#sockets = sockets
    this.#length = length
  }

  static async start(peer: Peer): Promise<Served> {
    const port = await peer.ask("serve", {})
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => open(port)))
    const [first] = sockets
    if (!first) throw new Error("there is no connection to measure")
    first.write(REQUEST)
    const [response] = (await once(first, "data")) as [Buffer]
    if (!response.toString().startsWith("HTTP/1.1 200")) throw new Error("the server did not answer 200")
    return new Served(peer, sockets, response.length)
  }

  async load(
    ms: number,
  ): Promise<{ readonly requests: number; readonly ms: number; readonly cpuUs: number }> {
    const clock = { stopped: false }
    setTimeout(() => {
      clock.stopped = true
    }, ms)
    const cpuBefore = await this.#peer.ask("cpu", {})
    const startedAt = performance.now()
    const counts = await Promise.all(this.#sockets.map((socket) => this.#askOver(socket, clock)))
    const ended = performance.now()
    const cpuUs = (await this.#peer.ask("cpu", {})) - cpuBefore
    return { requests: counts.reduce((sum, count) => sum + count, 0), ms: ended - startedAt, cpuUs }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** One request after another until the clock stops; resolves with how many were answered. */
  #askOver(socket: Socket, clock: { readonly stopped: boolean }): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    let requests = 0
    let received = 0
    const onClose = () => reject(new Error(`the server of ${this.name} hung up`))
    const onData = (chunk: Buffer) => {
      received += chunk.length
      if (received < this.#length) return
      received -= this.#length
      requests += 1
      if (!clock.stopped) {
        socket.write(REQUEST)
        return
      }
      socket.off("data", onData)
      socket.off("close", onClose)
      resolve(requests)
    }
    socket.on("data", onData)
    socket.once("close", onClose)
    socket.write(REQUEST)
    return promise
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true })
  await once(socket, "connect")
  return socket
}
