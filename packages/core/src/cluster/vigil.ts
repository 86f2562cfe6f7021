import type { Host, Timer } from "../host.ts"
import type { Topology } from "./routes.ts"

/** While commands wait for a node, the cluster is asked again so often: ms, half as much more or less. */
const EVERY_MS = 150

/** Asks the cluster for what has changed, again and again for as long as commands wait for a node. */
export class Vigil {
  readonly #host: Host
  readonly #topology: Topology
  readonly #isNeeded: () => boolean
  #timer: Timer | undefined
  #asking = false
  #ended = false

  constructor(host: Host, topology: Topology, isNeeded: () => boolean) {
    this.#host = host
    this.#topology = topology
    this.#isNeeded = isNeeded
  }

  /** Asks now, unless it asks already or is about to. */
  begin(): void {
    if (this.#asking || this.#timer || this.#ended) return
    this.#asking = true
    const done = (): void => {
      this.#asking = false
      if (this.#ended || !this.#isNeeded()) return
      this.#timer = this.#host.after(EVERY_MS * (0.5 + Math.random()), () => {
        this.#timer = undefined
        this.begin()
      })
    }
    this.#topology.refresh().then(done, done)
  }

  /** Ends it for good. */
  cancel(): void {
    this.#ended = true
    this.#timer?.cancel()
  }
}
