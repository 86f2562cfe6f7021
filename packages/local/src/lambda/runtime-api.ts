import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { ExtensionsApi, type FunctionInfo } from "./extensions-api.ts"
import { ApiRefusal, closeServer, listenOnLoopback, readBody, sendJson } from "./http.ts"
import type { Invocation } from "./invocation.ts"
import { failure, type Outcome } from "./outcome.ts"

/** Largest buffered response. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6_291_556

/** What the sandbox hears of its runtime. */
export interface RuntimeListener {
  /** The runtime and every extension ask for the next event. */
  readonly onReady: () => void
  readonly onInitError: (outcome: Outcome) => void
  readonly onExtensionError: (outcome: Outcome) => void
}

/**
 * The Runtime API to one sandbox, on a port of its own; the Extensions API beside it.
 * Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly extensions: ExtensionsApi
  readonly #server = createServer((request, response) => {
    this.#route(request, response).catch((error) => refuse(response, error))
  })
  readonly #listener: RuntimeListener
  #next: ServerResponse | undefined
  #current: Invocation | undefined
  #outcome: Outcome | undefined

  constructor(info: FunctionInfo, listener: RuntimeListener) {
    this.#listener = listener
    this.extensions = new ExtensionsApi(info, {
      onWaiting: () => this.#announce(),
      onFailed: (errorType, message) => listener.onExtensionError(failure(errorType, message)),
    })
  }

  /** Resolves with `host:port`. */
  async listen(): Promise<string> {
    return `127.0.0.1:${await listenOnLoopback(this.#server)}`
  }

  /** What the runtime answered to the current invocation, once it has. */
  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  /** Whether the runtime itself waits, so that only an extension can be late. */
  get runtimeWaits(): boolean {
    return this.#next !== undefined
  }

  /** Hands the runtime its next event. Call only after `onReady`. */
  dispatch(invocation: Invocation, deadlineMs: number): void {
    const next = this.#next
    this.#next = undefined
    this.#current = invocation
    this.#outcome = undefined
    this.extensions.dispatch(invocation, deadlineMs)
    next?.setHeader("Lambda-Runtime-Aws-Request-Id", invocation.id)
    next?.setHeader("Lambda-Runtime-Deadline-Ms", deadlineMs)
    next?.setHeader("Lambda-Runtime-Invoked-Function-Arn", invocation.arn)
    next?.setHeader("Lambda-Runtime-Trace-Id", invocation.traceId)
    if (invocation.clientContext) next?.setHeader("Lambda-Runtime-Client-Context", invocation.clientContext)
    next?.setHeader("Content-Type", "application/json")
    next?.setHeader("Content-Length", invocation.payload.length)
    next?.end(invocation.payload)
  }

  close(): Promise<void> {
    return closeServer(this.#server)
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? ""
    const extension = /^\/2020-01-01\/extension\/(.+)$/.exec(path)?.[1]
    if (extension) return this.extensions.handle(extension, request, response)
    if (path === "/2018-06-01/runtime/invocation/next") return this.#onNext(response)
    if (path === "/2018-06-01/runtime/init/error") return this.#onInitError(request, response)
    const [, id, kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? []
    if (!id) throw new ApiRefusal(404, "NotFound", "No such resource")
    if (this.#current?.id !== decodeURIComponent(id)) {
      throw new ApiRefusal(400, "InvalidRequestID", "Invalid request ID")
    }
    if (this.#outcome) {
      throw new ApiRefusal(403, "InvalidStateTransition", "This invocation was answered already")
    }
    if (kind === "error") return this.#onError(request, response)
    await this.#onResponse(this.#current, request, response)
  }

  #onNext(response: ServerResponse): void {
    if (this.#current && !this.#outcome) {
      throw new ApiRefusal(403, "InvalidStateTransition", "Answer the current invocation first")
    }
    this.extensions.closeRegistration()
    this.#next = response
    this.#announce()
  }

  #announce(): void {
    if (this.#next && this.extensions.late.length === 0) this.#listener.onReady()
  }

  async #onInitError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const outcome = await errorIn(request)
    sendJson(response, 202, { status: "OK" })
    this.#listener.onInitError(outcome)
  }

  async #onError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#outcome = await errorIn(request)
    sendJson(response, 202, { status: "OK" })
  }

  async #onResponse(current: Invocation, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const streaming = request.headers["lambda-runtime-function-response-mode"] === "streaming"
    const payload = streaming ? await pass(request, current.onChunk) : await readBody(request)
    if (!streaming && payload.length > MAX_RESPONSE_BYTES) {
      this.#outcome = tooLarge()
      throw new ApiRefusal(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
    }
    if (!streaming && payload.length > 0) await current.onChunk?.(payload)
    this.#outcome = trailerError(request) ?? {
      payload,
      contentType: request.headers["content-type"] ?? "application/json",
    }
    sendJson(response, 202, { status: "OK" })
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof ApiRefusal) error.send(response)
  else response.destroy()
}

async function pass(request: IncomingMessage, onChunk: Invocation["onChunk"]): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk)
    await onChunk?.(chunk)
  }
  return Buffer.concat(chunks)
}

async function errorIn(request: IncomingMessage): Promise<Outcome> {
  const payload = await readBody(request)
  return { payload, contentType: "application/json", errorType: typeOf(request, payload) }
}

function typeOf(request: IncomingMessage, payload: Buffer): string {
  const header = request.headers["lambda-runtime-function-error-type"]
  if (typeof header === "string") return header
  try {
    return String(JSON.parse(payload.toString()).errorType)
  } catch {
    return "Runtime.Unknown"
  }
}

// A streaming function that fails midway says so after its body.
function trailerError({ trailers }: IncomingMessage): Outcome | undefined {
  const errorType = trailers["lambda-runtime-function-error-type"]
  if (!errorType) return undefined
  const payload = Buffer.from(trailers["lambda-runtime-function-error-body"] ?? "", "base64")
  return { payload, contentType: "application/json", errorType }
}

function tooLarge(): Outcome {
  const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`
  return failure("Function.ResponseSizeTooLarge", message)
}
