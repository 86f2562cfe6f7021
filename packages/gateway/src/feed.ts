import type { EventFeed } from "./exchange.ts"

/** Characters that may wait for a client before it is cut off. */
const MOST_WAITING = 1 << 20

/** Server-sent events on their way to one client. */
export class Feed implements EventFeed {
  readonly #onClose: (() => void)[] = []
  #waiting: string[] = []
  #size = 0
  #closed = false
  #wake: () => void = () => undefined

  /** Adds a listener for its end; runs at once if it has ended already. */
  onClose(listener: () => void): void {
    if (this.#closed) listener()
    else this.#onClose.push(listener)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Sends an event. A client that does not read is cut off, so that what it missed does not go unnoticed. */
  event(text: string): void {
    this.#push(
      `${text
        .split(/\r\n|\r|\n/)
        .map((line) => `data: ${line}\n`)
        .join("")}\n`,
    )
  }

  /** Sends what clients ignore and connections notice. */
  beat(): void {
    this.#push(":\n\n")
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const listener of this.#onClose) listener()
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (;;) {
      if (this.#waiting.length > 0) {
        const text = this.#waiting.join("")
        this.#waiting = []
        this.#size = 0
        yield text
      } else if (this.#closed) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #push(text: string): void {
    if (this.#closed) return
    // One event may be larger: it is what waits already that counts.
    if (this.#size > MOST_WAITING) {
      this.#waiting = []
      this.close()
      return
    }
    this.#size += text.length
    this.#waiting.push(text)
    this.#wake()
  }
}
