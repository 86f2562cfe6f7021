import type { IncomingMessage, ServerResponse } from "node:http"
import { type Answer, BodyLostError, type Exchange } from "../exchange.ts"
import type { Room } from "../room.ts"
import { writeEvents } from "./write-events.ts"

/** A request of `node:http` as the protocol takes it. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly target: string
  /** Resolves once the body is there, or will not come; undefined where none is read. */
  reading: Promise<void> | undefined
  readonly #request: IncomingMessage
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.method = request.method ?? ""
    const { url = "/" } = request
    // A request as for a proxy names the server too: RFC 9112, 3.2.2.
    this.target = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?]*/i, "")
    this.#request = request
    this.#response = response
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  body(room: Room): Promise<Uint8Array> {
    const request = this.#request
    const parts: Buffer[] = []
    const whole = new Promise<Uint8Array>((resolve, reject) => {
      room.check(Number(request.headers["content-length"] ?? 0))
      const take = (part: Buffer): void => {
        try {
          room.take(part.length)
          parts.push(part)
        } catch (error) {
          // The rest is read and dropped, so that the answer can be taken.
          request.off("data", take).resume()
          reject(error)
        }
      }
      request.on("data", take)
      request.on("end", () => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)))
      request.on("error", () => reject(new BodyLostError("the connection was lost")))
      request.on("close", () => {
        if (!request.complete) reject(new BodyLostError("the connection was closed"))
      })
    })
    this.reading = whole.then(ignore, ignore)
    return whole
  }

  /** Made when somebody asks: few commands wait. */
  gone(): AbortSignal {
    const controller = new AbortController()
    // The end of a connection is heard only behind what came before it, also a body that nobody wants.
    this.#request.resume()
    this.#response.once("close", () => controller.abort())
    return controller.signal
  }
}

/** Writes an answer; events follow as they come. */
export function writeAnswer(response: ServerResponse, answer: Answer, closing: "close" | undefined): void {
  const { status, body } = answer
  const headers: Record<string, string | number> = { ...answer.headers }
  if (closing) headers["connection"] = closing
  if (typeof body === "string" || body instanceof Uint8Array) {
    // Of HEAD, it would be that of the body that GET gets.
    if (status !== 204 && response.req.method !== "HEAD") headers["content-length"] = Buffer.byteLength(body)
    response.writeHead(status, headers)
    response.end(body)
    return
  }
  response.writeHead(status, headers)
  response.flushHeaders()
  void writeEvents(response, body)
}

/** Whoever waits for the body is told of it; whoever comes after it only waits. */
function ignore(): void {}
