import { ReplyError } from "@warmpool/core"
import { redirectOf } from "@warmpool/core/cluster"
import { type ByteStream, type Codec, RespConnection } from "@warmpool/core/resp"

/** The node of a cluster that a connection leads to, and who is told what it says of the others. */
export interface NodeWatch {
  readonly host: string
  onMoved(slot: number, address: string): void
}

/** A connection to one node of a cluster, which notices where the node says that slots have gone. */
export class NodeConnection extends RespConnection {
  readonly #watch: NodeWatch

  constructor(stream: ByteStream, codec: Codec, watch: NodeWatch) {
    super(stream, codec)
    this.#watch = watch
  }

  override error(error: ReplyError): void {
    const redirect = redirectOf(error)
    if (redirect === undefined) {
      super.error(error)
      return
    }
    const { kind, slot, address } = redirect
    // A node that does not know under which name it is reached leaves the host out: it is the node's own.
    const whole = address.startsWith(":") ? `${this.#watch.host}${address}` : address
    if (kind === "MOVED") this.#watch.onMoved(slot, whole)
    super.error(whole === address ? error : new ReplyError(`${kind} ${slot} ${whole}`))
  }
}
