import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** What is asked over and over, and how many commands one asking holds. */
export interface Question {
  /** One HTTP request, or several one behind the other. */
  readonly bytes: string
  readonly commands: number
}

/** What was answered in how long, and how long each wait was, ms. */
export interface Asked {
  readonly answers: number
  readonly ms: number
  readonly waits: readonly number[]
}

/**
 * Connections that ask a server the same question again and again. They ask by bytes alone, and know an answer by its
 * length: a real HTTP client would cost more than what is measured.
 */
export class Asker {
  readonly #sockets: readonly Socket[]
  readonly #question: string
  /** Bytes of one whole answer; all are of the same length. */
  readonly #length: number

  private constructor(sockets: readonly Socket[], question: string, length: number) {
    this.#sockets = sockets
    this.#question = question
    this.#length = length
  }

  /** Opens the connections and asks once, to see that it works. `expected` stands in the answer. */
  static async open(
    port: number,
    count: number,
    ask: { question: Question; expected: string },
  ): Promise<Asker> {
    const sockets = await Promise.all(Array.from({ length: count }, () => open(port)))
    const [first] = sockets
    if (first === undefined) throw new Error("there is no connection to ask over")
    const answer = await firstAnswer(first, ask.question.bytes)
    if (!answer.startsWith("HTTP/1.1 200") || !answer.includes(ask.expected))
      throw new Error(`the server answered ${answer.slice(0, 200)}`)
    return new Asker(sockets, ask.question.bytes, answer.length)
  }

  /** Asks over every connection, one question after another on each, until `ms` have passed. */
  async ask(ms: number): Promise<Asked> {
    const clock = { stopped: false }
    setTimeout(() => {
      clock.stopped = true
    }, ms)
    const startedAt = performance.now()
    const waits = (await Promise.all(this.#sockets.map((socket) => this.#askOver(socket, clock)))).flat()
    return { answers: waits.length, ms: performance.now() - startedAt, waits }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #askOver(socket: Socket, clock: { readonly stopped: boolean }): Promise<readonly number[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    const waits: number[] = []
    let received = 0
    let askedAt = performance.now()
    const onClose = () => reject(new Error("the server hung up"))
    const onData = (chunk: Buffer) => {
      received += chunk.length
      if (received < this.#length) return
      received -= this.#length
      const now = performance.now()
      waits.push(now - askedAt)
      askedAt = now
      if (!clock.stopped) {
        socket.write(this.#question)
        return
      }
      socket.off("data", onData)
      socket.off("close", onClose)
      resolve(waits)
    }
    socket.on("data", onData)
    socket.once("close", onClose)
    socket.write(this.#question)
    return promise
  }
}

/** Everything that comes until nothing has come for a while. */
async function firstAnswer(socket: Socket, question: string): Promise<string> {
  const QUIET_MS = 150
  const chunks: Buffer[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    clearTimeout(timer)
    timer = setTimeout(resolve, QUIET_MS)
  }
  const onClose = () => reject(new Error("the server hung up"))
  socket.on("data", onData)
  socket.once("close", onClose)
  socket.write(question)
  await promise
  socket.off("data", onData)
  socket.off("close", onClose)
  return Buffer.concat(chunks).toString("latin1")
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true })
  await once(socket, "connect")
  return socket
}
