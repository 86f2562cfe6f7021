import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http"

/** The next event: its JSON, and what the Runtime API says about it. */
export interface NextEvent {
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

const VERSION = "/2018-06-01/runtime"

/** Speaks to the Runtime API. Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export class RuntimeClient {
  readonly #host: string
  readonly #port: string
  readonly #agent = new Agent({ keepAlive: true })

  constructor(address: string) {
    const [host = "", port = ""] = address.split(":")
    this.#host = host
    this.#port = port
  }

  async next(): Promise<NextEvent> {
    const response = await this.#send({ method: "GET", path: `${VERSION}/invocation/next` })
    return { body: response.body, headers: response.headers }
  }

  async respond(requestId: string, body: string): Promise<void> {
    await this.#post(`${VERSION}/invocation/${requestId}/response`, body)
  }

  async fail(requestId: string, error: { readonly errorType: string }): Promise<void> {
    await this.#post(`${VERSION}/invocation/${requestId}/error`, JSON.stringify(error), error.errorType)
  }

  async failInit(error: { readonly errorType: string }): Promise<void> {
    await this.#post(`${VERSION}/init/error`, JSON.stringify(error), error.errorType)
  }

  /** Opens a response whose body is written piece by piece; `done` resolves when Lambda has taken it. */
  stream(requestId: string) {
    const outgoing = request({
      ...this.#target(`${VERSION}/invocation/${requestId}/response`),
      method: "POST",
      headers: {
        "Content-Type": "application/octet-stream",
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Transfer-Encoding": "chunked",
        Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      },
    })
    const done = new Promise<void>((resolve, reject) => {
      outgoing.once("error", reject).once("response", (response) => response.resume().once("end", resolve))
    })
    return { outgoing, done }
  }

  #post(path: string, body: string, errorType?: string) {
    const headers = {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      ...(errorType && { "Lambda-Runtime-Function-Error-Type": errorType }),
    }
    return this.#send({ method: "POST", path, headers, body })
  }

  #send(sent: Sent): Promise<{ body: string; headers: IncomingHttpHeaders }> {
    return new Promise((resolve, reject) => {
      const { method, path, headers = {}, body } = sent
      const outgoing = request({ ...this.#target(path), method, headers }, (response: IncomingMessage) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk
        })
        response.once("error", reject).once("end", () => resolve({ body: text, headers: response.headers }))
      })
      outgoing.once("error", reject).end(body)
    })
  }

  #target(path: string) {
    return { host: this.#host, port: this.#port, agent: this.#agent, path }
  }
}

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string | number>
  readonly body?: string
}
