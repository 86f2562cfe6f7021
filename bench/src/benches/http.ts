import { startRedis } from "@warmpool/local"
import { type Asked, Asker } from "../asker/asker.ts"
import { type Bench, inTurn } from "../bench.ts"
import { entrants, everybody } from "../contestants.ts"
import { fill, VALUES } from "../data.ts"
import { Recorder } from "../measurement.ts"
import { type Peer, Peers } from "../peer/peer.ts"

const SOCKETS = 64
const TURNS_LONGER = 3
const REQUEST = { bytes: "GET / HTTP/1.1\r\nHost: bench\r\n\r\n", commands: 3 }
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
      const { answers, ms, cpuUs } = await one.load(turnMs * TURNS_LONGER)
      const contestant = one.name
      recorder.add({ what: SERVED, unit: "requests/s", contestant }, (answers / ms) * 1_000)
      recorder.add({ what: SERVED, unit: "µs CPU per request", contestant }, cpuUs / answers)
    })
    for (const one of served) one.close()
    return recorder.findings
  },
}

/** A server in a client's process, and what asks it. */
class Served {
  readonly name: string
  readonly #peer: Peer
  readonly #asker: Asker

  private constructor(peer: Peer, asker: Asker) {
    this.name = peer.name
    this.#peer = peer
    this.#asker = asker
  }

  static async start(peer: Peer): Promise<Served> {
    const port = await peer.ask("serve", {})
    return new Served(peer, await Asker.open(port, SOCKETS, { question: REQUEST, expected: VALUES["10 B"] }))
  }

  async load(ms: number): Promise<Asked & { readonly cpuUs: number }> {
    const cpuBefore = await this.#peer.ask("cpu", {})
    const asked = await this.#asker.ask(ms)
    return { ...asked, cpuUs: (await this.#peer.ask("cpu", {})) - cpuBefore }
  }

  close(): void {
    this.#asker.close()
  }
}
