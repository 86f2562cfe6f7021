import { readSync, writeSync } from "node:fs"
import { connect, type Socket } from "node:net"

/** Longest wait for Lambda's answer; on a live sandbox it takes less than one. */
const PATIENCE_MS = 100
const BODY = '{"events":[]}'

/**
 * Registers an internal extension without events, before it returns. Lambda takes registrations only until the runtime
 * asks for its first event, and AWS's own runtime does that, on a thread of its own, before the event loop turns for
 * the first time after the handler's module was loaded: an ordinary request always comes too late.
 * Source: AWS Lambda developer guide, "Using the Lambda Extensions API"; `nextInvocation` in aws-lambda-ric.
 *
 * @param address - Where the API is, `host:port`.
 * @throws Error saying what went wrong.
 */
export function registerExtension(address: string): void {
  const [host = "", port = ""] = address.split(":")
  const socket = dial(host, Number(port))
  try {
    const registration = [`Content-Length: ${BODY.length}`, "Content-Type: application/json"]
    const head = exchange(
      socket,
      requestOf("POST register", address, ["Lambda-Extension-Name: warmpool", ...registration]) + BODY,
    )
    const status = /^HTTP\/1\.\d (\d+)/.exec(head)?.[1]
    const identifier = /^lambda-extension-identifier:\s*(\S+)/im.exec(head)?.[1]
    if (status !== "200" || identifier === undefined) {
      throw new Error(
        `Lambda refused the extension with status ${status}: is createRedis called in init, at module scope?`,
      )
    }
    // The init phase ends only when every extension has asked for its next event. This one never gets any.
    socket.write(requestOf("GET event/next", address, [`Lambda-Extension-Identifier: ${identifier}`]))
    socket.resume()
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function requestOf(action: string, address: string, headers: readonly string[]): string {
  const [method, path] = action.split(" ")
  const lines = [`${method} /2020-01-01/extension/${path} HTTP/1.1`, `Host: ${address}`, ...headers]
  return `${lines.join("\r\n")}\r\n\r\n`
}

/** Connects now: for a host that is an address `connect` itself would wait for the end of the tick. */
function dial(host: string, port: number): Socket {
  const socket = connect({
    host: "lambda",
    port,
    family: 4,
    lookup: (_host, _options, found) => found(null, host, 4),
  })
  // What matters of it is seen by `exchange`; it keeps no process alive.
  return socket.on("error", () => {}).unref()
}

/** Writes and reads without the event loop; gives the head of the answer. */
function exchange(socket: Socket, request: string): string {
  const descriptor: unknown = Reflect.get(Reflect.get(socket, "_handle") ?? {}, "fd")
  if (typeof descriptor !== "number" || descriptor < 0) throw new Error("the socket has no file descriptor")
  const giveUpAt = performance.now() + PATIENCE_MS
  patiently(giveUpAt, () => writeSync(descriptor, request))
  const chunk = new Uint8Array(4_096)
  let head = ""
  while (!head.includes("\r\n\r\n")) {
    const size = patiently(giveUpAt, () => readSync(descriptor, chunk))
    if (size === 0) throw new Error("Lambda closed the connection")
    head += new TextDecoder("latin1").decode(chunk.subarray(0, size))
  }
  return head
}

/** Tries again while the socket is still connecting, or empty. */
function patiently(giveUpAt: number, attempt: () => number): number {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined
      if (code !== "EAGAIN" && code !== "ENOTCONN") throw error
      if (performance.now() > giveUpAt) {
        throw new Error(`Lambda's Extensions API gave no answer in ${PATIENCE_MS} ms`)
      }
      Atomics.wait(clock, 0, 0, 0.2)
    }
  }
}
