import { checkOptions } from "./redis-options.ts"
import { FrameScanner } from "./resp-frames.ts"

/** What happens to the connection behind the last byte delivered. */
export type ReplyFaultEnd = "silence" | "cut" | "reset"

/** Which reply is hit. Commands are counted on each connection by itself, from now or from its opening. */
export interface DropReplyOptions {
  /** Counts from 1. @defaultValue 1 */
  readonly nth?: number
  /** Counts only commands of this name: `"incr"`. @defaultValue all */
  readonly command?: string
  /** `silence`: requests still reach the server, no reply comes back, no FIN. @defaultValue "silence" */
  readonly and?: ReplyFaultEnd
  /** Connections to hit, the first to get there; `Infinity`: each, once. @defaultValue 1 */
  readonly times?: number
}

/** Which reply is cut, and how the connection ends. */
export interface CutReplyOptions extends DropReplyOptions {
  /** Bytes of the reply that are delivered. @defaultValue 1 */
  readonly afterBytes?: number
  /** @defaultValue "cut" */
  readonly and?: ReplyFaultEnd
}

/** A fault that waits for its reply. */
export interface ArmedFault {
  /** Resolves at the first hit; rejects when the proxy is healed or closed before. Nobody has to listen. */
  readonly struck: Promise<void>
}

/** The proxy's side of it. */
export class ReplyFault implements ArmedFault {
  readonly nth: number
  readonly command: string | undefined
  readonly and: ReplyFaultEnd
  readonly afterBytes: number
  readonly struck: Promise<void>
  #settle: { resolve(): void; reject(error: Error): void } | undefined
  #left: number

  constructor(options: CutReplyOptions) {
    checkOptions("dropReply or cutReply", options, ["nth", "command", "and", "times", "afterBytes"])
    const { nth = 1, command, and = "silence", times = 1, afterBytes = 0 } = options
    this.nth = nth
    this.command = command?.toLowerCase()
    this.and = and
    this.afterBytes = afterBytes
    this.#left = times
    this.struck = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.struck.catch(() => undefined)
  }

  get spent(): boolean {
    return this.#left <= 0
  }

  /** Counts one connection as hit; what is delivered before may still be on its way. */
  take(): void {
    this.#left--
  }

  strike(): void {
    this.#settle?.resolve()
  }

  lift(): void {
    this.#left = 0
    this.#settle?.reject(new Error("the fault was lifted before it struck"))
  }
}

/** One fault on one connection: the commands still to count, then the place of the reply to hit. */
interface Watch {
  readonly fault: ReplyFault
  left: number
  at: number
}

/** What becomes of a piece of the replies. */
export interface Verdict {
  /** Bytes to deliver, from the start. */
  readonly deliver: number
  /** What strikes behind them. */
  readonly fault: ReplyFault | undefined
}

/** Counts the commands and replies of one connection and finds the reply that a fault is meant for. */
export class ReplyTracker {
  readonly #requests = new FrameScanner()
  readonly #replies = new FrameScanner()
  #watches: Watch[] = []
  #asked = 0
  #answered = 0
  /** Bytes delivered of the reply under way. */
  #delivered = 0

  watch(fault: ReplyFault): void {
    this.#watches.push({ fault, left: fault.nth, at: -1 })
  }

  /** Takes a piece of the requests; gives the number of commands that end in it. */
  request(chunk: Uint8Array): number {
    const before = this.#asked
    this.#requests.scan(chunk, (_bytes, ended) => {
      if (!ended || this.#requests.name === "") return
      for (const watch of this.#watches) this.#count(watch, this.#requests.name)
      this.#asked++
    })
    return this.#asked - before
  }

  reply(chunk: Uint8Array): Verdict {
    let deliver = 0
    let struck: ReplyFault | undefined
    this.#replies.scan(chunk, (bytes, ended) => {
      if (struck) return
      const answers = this.#replies.type !== ">"
      const fault = answers ? this.#due() : undefined
      const allowed = fault ? fault.afterBytes - this.#delivered : bytes
      if (fault && (ended || bytes > allowed)) {
        struck = fault
        fault.take()
      }
      deliver += Math.min(bytes, allowed)
      this.#delivered = ended ? 0 : this.#delivered + bytes
      if (ended && answers) this.#answered++
    })
    return { deliver, fault: struck }
  }

  #count(watch: Watch, name: string): void {
    const { command } = watch.fault
    if (watch.left === 0 || (command !== undefined && command !== name)) return
    watch.left--
    if (watch.left === 0) watch.at = this.#asked
  }

  #due(): ReplyFault | undefined {
    if (this.#watches.length === 0) return undefined
    this.#watches = this.#watches.filter(({ fault }) => !fault.spent)
    return this.#watches.find(({ at }) => at === this.#answered)?.fault
  }
}
