import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** What is read of a request before it can be run. */
interface Reading {
  /** Resolves once the body is there, or will not come; undefined where none is read. */
  readonly reading: Promise<void> | undefined
}

/** The connections of clients, which may send requests before those before are answered. */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>()
  #open = 0
  #onQuiet: (() => void)[] = []

  /** Counts a request until its answer has gone out whole, or nobody is left to take it. */
  enter(socket: Socket, response: ServerResponse): Connection {
    const connection = this.#of(socket)
    connection.open.add(response)
    this.#open += 1
    response.once("close", () => {
      connection.open.delete(response)
      this.#open -= 1
      if (this.#open === 0) for (const quiet of this.#onQuiet.splice(0)) quiet()
    })
    return connection
  }

  /** Resolves when no answer is on its way. */
  async quiet(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve))
  }

  #of(socket: Socket): Connection {
    const known = this.#known.get(socket)
    if (known) return known
    const connection = new Connection()
    this.#known.set(socket, connection)
    socket.once("close", () => connection.end())
    return connection
  }
}

/** One connection of a client. */
export class Connection {
  /** Where the answers go that have not gone out whole. */
  readonly open = new Set<ServerResponse>()
  #taken: Promise<void> | undefined

  /** Runs requests in the order in which they came, though some have a body to be read first. Source: RFC 9112, 9.3.2. */
  inTurn<T>(own: Reading, run: () => Promise<T>): Promise<T> {
    const before = this.open.size > 1 ? this.#taken : undefined
    const answer = before ? before.then(run) : run()
    this.#taken = before ? before.then(() => own.reading) : own.reading
    return answer
  }

  /** Node does not tell those whose turn to answer has not come that their client has gone. */
  end(): void {
    for (const response of this.open) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit("close")
    }
  }
}
