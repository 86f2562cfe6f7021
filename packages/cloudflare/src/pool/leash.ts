import { RpcTarget } from "cloudflare:workers"

/**
 * Tells that a caller in another Worker lets go, or is gone. Nothing is called on it: a target with a call under way,
 * or a stream without traffic, does not notice.
 */
export class Leash extends RpcTarget implements Disposable {
  readonly #onDispose: () => void

  constructor(onDispose: () => void) {
    super()
    this.#onDispose = onDispose
  }

  [Symbol.dispose](): void {
    this.#onDispose()
  }
}
