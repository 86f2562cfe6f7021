import { readSync, writeSync } from "node:fs"
import { connect, type Socket } from "node:net"

/** Longest wait for Lambda's answer before the event loop turns; on a live sandbox it takes less than one. */
const PATIENCE_MS = 100
const BODY = '{"events":[]}'
const HEAD_END = "\r\n\r\n"

/**
 * Registers an internal extension without events. Lambda takes registrations only until the runtime asks for its first
 * event, and AWS's own runtime does that, on a thread of its own, before the event loop turns for the first time after
 * the handler's module was loaded: an ordinary request always comes too late. So it is written at once, and answered
 * before this returns, unless Lambda is slow.
 * Source: AWS Lambda developer guide, "Using the Lambda Extensions API"; `nextInvocation` in aws-lambda-ric.
 *
 * @param address - Where the API is, `host:port`.
 * @param failed - Told once why there is no extension.
 */
export function registerExtension(address: string, failed: (why: string) => void): void {
  const registration = ["Lambda-Extension-Name: warmpool", "Content-Type: application/json"]
  const request =
    requestOf("POST register", address, [...registration, `Content-Length: ${BODY.length}`]) + BODY
  const socket = dial(address)
  const answer = new Answer((head) => {
    const status = /^HTTP\/1\.\d (\d+)/.exec(head)?.[1]
    const identifier = /^lambda-extension-identifier:\s*(\S+)/im.exec(head)?.[1]
    if (status === "200" && identifier !== undefined) {
      // The init phase ends only when every extension has asked for its next event. This one never gets any.
      socket.write(requestOf("GET event/next", address, [`Lambda-Extension-Identifier: ${identifier}`]))
      return
    }
    socket.destroy()
    failed(
      `Lambda refused the extension with status ${status}: is createRedis called in init, at module scope?`,
    )
  })
  socket.on("data", (chunk) => answer.take(chunk))
  socket.on("error", (error) => answer.isWhole || failed(error.message))
  socket.on("end", () => answer.isWhole || failed("Lambda closed the connection"))
  if (!exchangeNow(socket, request, answer)) socket.write(request)
}

/** The head of an answer, however it comes in. */
class Answer {
  readonly #onHead: (head: string) => void
  #head = ""

  constructor(onHead: (head: string) => void) {
    this.#onHead = onHead
  }

  get isWhole(): boolean {
    return this.#head.includes(HEAD_END)
  }

  take(chunk: Uint8Array): void {
    if (this.isWhole) return
    this.#head += new TextDecoder("latin1").decode(chunk)
    if (this.isWhole) this.#onHead(this.#head)
  }
}

function requestOf(action: string, address: string, headers: readonly string[]): string {
  const [method, path] = action.split(" ")
  const lines = [`${method} /2020-01-01/extension/${path} HTTP/1.1`, `Host: ${address}`, ...headers]
  return lines.join("\r\n") + HEAD_END
}

/** Connects now: for a host that is an address `connect` itself would wait for the end of the tick. */
function dial(address: string): Socket {
  const [host = "", port = ""] = address.split(":")
  const socket = connect({
    host: "lambda",
    port: Number(port),
    family: 4,
    lookup: (_host, _options, found) => found(null, host, 4),
  })
  // It keeps no process alive.
  return socket.unref()
}

/** Writes, and reads for a while, without the event loop. False if nothing was written: the loop has to. */
function exchangeNow(socket: Socket, request: string, answer: Answer): boolean {
  // Not documented, but as old as Node; where it is missing the request is an ordinary one.
  const descriptor: unknown = Reflect.get(Reflect.get(socket, "_handle") ?? {}, "fd")
  if (typeof descriptor !== "number" || descriptor < 0) return false
  const giveUpAt = performance.now() + PATIENCE_MS
  if (patiently(giveUpAt, () => writeSync(descriptor, request)) === 0) return false
  const chunk = new Uint8Array(4_096)
  while (!answer.isWhole) {
    const size = patiently(giveUpAt, () => readSync(descriptor, chunk))
    if (size === 0) break
    answer.take(chunk.subarray(0, size))
  }
  return true
}

/** Tries again while the socket is still connecting, or empty; 0 when it is in vain: the event loop will tell why. */
function patiently(giveUpAt: number, attempt: () => number): number {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined
      if ((code !== "EAGAIN" && code !== "ENOTCONN") || performance.now() > giveUpAt) return 0
      Atomics.wait(clock, 0, 0, 0.2)
    }
  }
}
