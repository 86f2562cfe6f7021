type Fields = Readonly<Record<string, unknown>>

interface Waiting {
  readonly resolve: (result: Fields) => void
  readonly reject: (error: Error) => void
}

/** Chromium's developer tools over their own websocket. Source: chromedevtools.github.io/devtools-protocol */
export class DevTools {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, ((event: Fields) => void)[]>()
  #sent = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))))
    socket.addEventListener("close", () => {
      for (const { reject } of this.#waiting.values())
        reject(new Error("chromium closed its developer tools"))
    })
  }

  static async connect(address: string): Promise<DevTools> {
    const socket = new WebSocket(address)
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve)
      socket.addEventListener("error", () => reject(new Error("chromium's developer tools do not answer")))
    })
    return new DevTools(socket)
  }

  /** @throws Error with what the browser says against it. */
  send(method: string, params: object, sessionId?: string): Promise<Fields> {
    this.#sent += 1
    const id = this.#sent
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** Calls back at each event of this name in a session. */
  listen(sessionId: string, method: string, listener: (event: Fields) => void): void {
    const key = `${sessionId} ${method}`
    this.#listeners.set(key, [...(this.#listeners.get(key) ?? []), listener])
  }

  /** The next event of this name in a session. */
  next(sessionId: string, method: string): Promise<Fields> {
    return new Promise((resolve) => this.listen(sessionId, method, resolve))
  }

  #take(message: Fields): void {
    const { id, result, error, method, params, sessionId } = message
    if (typeof id !== "number") {
      for (const listener of this.#listeners.get(`${sessionId} ${method}`) ?? []) listener(Object(params))
      return
    }
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(Object(result))
    else waiting?.reject(new Error(String(Object(error).message)))
  }
}
