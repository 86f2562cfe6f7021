import { RpcTarget } from "cloudflare:workers"
import type { Lease } from "@warmpool/core"
import { laneOf } from "@warmpool/core/lane"
import type { WireAnswer, WireBatch } from "../service/wire.ts"
import { answer } from "./answer.ts"

/** A lease that a caller in another Worker holds. */
export class PoolSession extends RpcTarget {
  readonly #lease: Lease

  constructor(lease: Lease) {
    super()
    this.#lease = lease
  }

  exchange(batch: WireBatch): Promise<WireAnswer> {
    return answer(laneOf(this.#lease), batch)
  }
}
