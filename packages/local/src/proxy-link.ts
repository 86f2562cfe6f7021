import { Socket } from "node:net"
import { Flow, type Weather } from "./proxy-flow.ts"
import { type ReplyFault, ReplyTracker } from "./reply-fault.ts"

export type Direction = "requests" | "replies"

/** What a link is given by its proxy. */
export interface LinkSetting {
  readonly target: { readonly host: string; readonly port: number }
  weather(direction: Direction): Weather
  /** Called with every piece that passes: its bytes, and the commands that end in it. */
  passed(direction: Direction, bytes: number, commands: number): void
  /** Called when the client's side is gone, then when both are. */
  closed(link: Link, what: "client" | "both"): void
}

/** One client's connection and the connection to the server that stands behind it. */
export class Link {
  readonly #client: Socket
  readonly #server = new Socket({ allowHalfOpen: true })
  readonly #setting: LinkSetting
  readonly #requests: Flow
  readonly #replies: Flow
  readonly #tracker = new ReplyTracker()
  /** Resolves when both sockets are closed. */
  readonly #closed: Promise<unknown>
  #silent: "no" | "replies" | "both" = "no"

  constructor(client: Socket, setting: LinkSetting) {
    this.#client = client
    this.#setting = setting
    this.#requests = new Flow(client, this.#server, () => setting.weather("requests"))
    this.#replies = new Flow(this.#server, client, () => setting.weather("replies"))
    this.#closed = Promise.all([client, this.#server].map(whenClosed))
    client.on("data", (chunk) => this.#onRequests(chunk))
    this.#server.on("data", (chunk) => this.#onReplies(chunk))
    this.#join(client, this.#requests, this.#server)
    this.#join(this.#server, this.#replies, client)
    client.on("close", () => setting.closed(this, "client"))
    void this.#closed.then(() => setting.closed(this, "both"))
  }

  /** Opens the connection to the server. A link that is silenced instead never has one. */
  open(): void {
    this.#server.setNoDelay(true)
    this.#server.connect(this.#setting.target)
    this.adjust()
  }

  watch(fault: ReplyFault): void {
    this.#tracker.watch(fault)
  }

  adjust(): void {
    this.#requests.adjust()
    this.#replies.adjust()
  }

  /** Swallows everything in both directions from now on; neither side learns what becomes of the other. */
  silence(): void {
    this.#silent = "both"
    this.#requests.silence()
    this.#replies.silence()
  }

  /** FIN to both sides, now; what was not forwarded yet is lost. Resolves when both sockets are closed. */
  async cut(): Promise<void> {
    this.silence()
    endSocket(this.#client)
    endSocket(this.#server)
    await this.#closed
  }

  /** RST to both sides. Resolves when both sockets are closed. */
  async reset(): Promise<void> {
    this.silence()
    resetSocket(this.#client)
    resetSocket(this.#server)
    await this.#closed
  }

  /** Hands FIN and RST of one side on to the other, behind the bytes that came before. */
  #join(from: Socket, flow: Flow, to: Socket): void {
    from.on("end", () => flow.behind(() => to.end()))
    from.on("error", () => flow.behind(() => resetSocket(to)))
  }

  #onRequests(chunk: Buffer): void {
    if (this.#silent === "both") return
    this.#requests.push(chunk)
    this.#setting.passed("requests", chunk.length, this.#tracker.request(chunk))
  }

  #onReplies(chunk: Buffer): void {
    if (this.#silent !== "no") return
    const { deliver, fault } = this.#tracker.reply(chunk)
    this.#replies.push(chunk.subarray(0, deliver))
    this.#setting.passed("replies", deliver, 0)
    if (!fault) return
    this.#silent = "replies"
    this.#strike(fault)
  }

  #strike(fault: ReplyFault): void {
    const strike = () => {
      if (fault.and === "silence") this.#replies.silence()
      if (fault.and === "cut") void this.cut()
      if (fault.and === "reset") void this.reset()
      fault.strike()
    }
    // An empty write is done when the kernel has taken everything before it.
    this.#replies.behind(() => this.#client.write("", strike))
  }
}

/** Not `once`, which rejects at an error. */
function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on("close", () => resolve()))
}

function resetSocket(socket: Socket): void {
  if (socket.destroyed) return
  // The kernel refuses to reset a socket that is being shut down, and then no `close` ever comes. By itself
  // `resetAndDestroy` waits until everything was written, which a peer that is gone or stopped never lets happen.
  if (!socket.pending && !socket.writableEnded) socket.resetAndDestroy()
  socket.destroy()
}

/** FIN, then close. Unread input is read first: a close that leaves some behind would be a reset. */
function endSocket(socket: Socket): void {
  if (socket.destroyed) return
  socket.resume()
  // A peer that reads nothing holds the FIN up; closing leaves it to the kernel.
  if (socket.pending || socket.writableLength > 0) socket.destroy()
  else socket.end(() => setImmediate(() => socket.destroy()))
}
