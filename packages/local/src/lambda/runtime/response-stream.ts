import type { ClientRequest } from "node:http"
import { Writable } from "node:stream"
import type { FunctionError } from "./function-error.ts"

const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response"

/** What a streaming handler writes to: the body of its response, sent as it comes. */
export class ResponseStream extends Writable {
  readonly #outgoing: ClientRequest
  #prelude: string | undefined

  constructor(outgoing: ClientRequest, highWaterMark: number | undefined) {
    super(highWaterMark === undefined ? {} : { highWaterMark })
    this.#outgoing = outgoing
  }

  setContentType(contentType: string): void {
    if (this.#outgoing.headersSent) throw new Error("Cannot set content-type, too late.")
    this.#outgoing.setHeader("Content-Type", contentType)
  }

  /** Puts the status and headers of an HTTP response before the body; eight zero bytes part the two. */
  setPrelude(prelude: object): void {
    this.setContentType(PRELUDE_TYPE)
    this.#prelude = JSON.stringify(prelude)
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#prelude !== undefined) {
      this.#outgoing.write(this.#prelude)
      this.#outgoing.write(Buffer.alloc(8))
      this.#prelude = undefined
    }
    this.#outgoing.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#outgoing.end(done)
  }

  /** Ends the body with an error: it travels in the trailers, since the headers are long gone. */
  fail(error: FunctionError): void {
    this.#outgoing.addTrailers({
      "Lambda-Runtime-Function-Error-Type": error.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(error)).toString("base64"),
    })
    this.#outgoing.end()
    this.destroy()
  }
}

/** `awslambda.HttpResponseStream`. */
export const HttpResponseStream = {
  from(stream: ResponseStream, prelude: object): ResponseStream {
    stream.setPrelude(prelude)
    return stream
  },
}
