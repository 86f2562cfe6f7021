import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { LambdaClosedError } from "./errors.ts"
import { encodeEvent } from "./event-stream.ts"
import type { Finished, Fleet } from "./fleet.ts"
import { closeServer, listenOnLoopback, readBody } from "./http.ts"
import { createInvocation, type Invocation, type InvocationInput } from "./invocation.ts"
import * as refuse from "./invoke-error.ts"
import type { Settings } from "./options.ts"

const MAX_SYNC_BYTES = 6_291_456
const MAX_EVENT_BYTES = 1_048_576
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/
const STREAM = /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations$/

/**
 * The part of Lambda's API that `@aws-sdk/client-lambda` calls to invoke a function; signatures are not checked.
 * Source: docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class InvokeApi {
  readonly #settings: Settings
  readonly #fleet: Fleet
  readonly #server = createServer((request, response) => {
    this.#route(request, response).catch((error) => answerError(response, error))
  })

  constructor(settings: Settings, fleet: Fleet) {
    this.#settings = settings
    this.#fleet = fleet
  }

  /** Resolves with the endpoint for the SDK. */
  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listenOnLoopback(this.#server, this.#settings.port)}`
  }

  close(): Promise<void> {
    return closeServer(this.#server)
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1")
    const streamed = STREAM.exec(pathname)?.[1]
    const name = streamed ?? INVOKE.exec(pathname)?.[1]
    if (!name || request.method !== "POST") throw refuse.noSuchRoute()
    const arn = this.#resolve(decodeURIComponent(name), searchParams.get("Qualifier"))
    const type = String(request.headers["x-amz-invocation-type"] ?? "RequestResponse")
    const input = { ...checkBody(body, type), arn, ...contextOf(request) }
    response.setHeader("X-Amz-Executed-Version", "$LATEST")
    if (type === "DryRun") return end(response, 204)
    if (streamed) return this.#stream(request, response, input)
    if (type === "Event") return this.#enqueue(response, input)
    if (type !== "RequestResponse") throw refuse.badParameter(`${type} is no invocation type`)
    await this.#invoke(request, response, input)
  }

  async #invoke(request: IncomingMessage, response: ServerResponse, input: InvocationInput): Promise<void> {
    const invocation = createInvocation(input)
    const { outcome, logTail } = await this.#start(invocation, response)
    if (outcome.errorType !== undefined) response.setHeader("X-Amz-Function-Error", "Unhandled")
    if (wantsLog(request)) response.setHeader("X-Amz-Log-Result", logTail)
    response.setHeader("Content-Type", outcome.contentType)
    response.setHeader("Content-Length", outcome.payload.length)
    end(response, 200, outcome.payload)
  }

  async #stream(request: IncomingMessage, response: ServerResponse, input: InvocationInput): Promise<void> {
    const onChunk = (chunk: Buffer) =>
      written(response, encodeEvent("PayloadChunk", "application/octet-stream", chunk))
    const started = this.#start(createInvocation({ ...input, onChunk }), response)
    response.setHeader("Content-Type", "application/vnd.amazon.eventstream")
    const { outcome, logTail } = await started
    const failed = outcome.errorType !== undefined
    const complete = {
      ...(failed && { ErrorCode: "Unhandled", ErrorDetails: outcome.payload.toString() }),
      ...(wantsLog(request) && { LogResult: logTail }),
    }
    response.end(encodeEvent("InvokeComplete", "application/json", Buffer.from(JSON.stringify(complete))))
  }

  #enqueue(response: ServerResponse, input: InvocationInput): void {
    const invocation = createInvocation(input)
    response.setHeader("x-amzn-RequestId", invocation.id)
    this.#fleet.enqueue(invocation)
    end(response, 202)
  }

  #start(invocation: Invocation, response: ServerResponse): Promise<Finished> {
    response.setHeader("x-amzn-RequestId", invocation.id)
    response.setHeader("X-Amzn-Trace-Id", invocation.traceId)
    const running = this.#fleet.invoke(invocation)
    if (!running) throw refuse.throttled()
    return running
  }

  // A name, a partial ARN (account:function:name) or a whole one, each with an optional qualifier.
  #resolve(given: string, qualifier: string | null): string {
    const { functionName, arn } = this.#settings
    const [, name = given, suffix] =
      /^(?:(?:arn:[^:]+:lambda:[^:]*:)?\d*:?function:)?([^:]+)(?::(.+))?$/.exec(given) ?? []
    const version = qualifier ?? suffix
    if (name === functionName && (version === undefined || version === "$LATEST")) {
      return version === undefined ? arn : `${arn}:${version}`
    }
    const known = `${arn.slice(0, -functionName.length)}${name}`
    throw refuse.notFound(version === undefined ? known : `${known}:${version}`)
  }
}

function checkBody(body: Buffer, type: string): { payload: Buffer } {
  const most = type === "Event" ? MAX_EVENT_BYTES : MAX_SYNC_BYTES
  if (body.length > most) throw refuse.tooLarge(most)
  if (body.length === 0) return { payload: Buffer.from("{}") }
  try {
    JSON.parse(body.toString())
    return { payload: body }
  } catch {
    throw refuse.badContent()
  }
}

function contextOf({ headers }: IncomingMessage): Pick<InvocationInput, "traceId" | "clientContext"> {
  const traceId = headers["x-amzn-trace-id"]
  const context = headers["x-amz-client-context"]
  return {
    ...(typeof traceId === "string" && { traceId }),
    ...(typeof context === "string" && { clientContext: decodeContext(context) }),
  }
}

function decodeContext(context: string): string {
  try {
    return JSON.stringify(JSON.parse(Buffer.from(context, "base64").toString()))
  } catch {
    throw refuse.badContent()
  }
}

function wantsLog(request: IncomingMessage): boolean {
  return request.headers["x-amz-log-type"] === "Tail"
}

function end(response: ServerResponse, status: number, body?: Buffer): void {
  response.statusCode = status
  response.end(body)
}

/** Resolves when the caller has room again, or is gone: then the function runs on, as on Lambda. */
function written(response: ServerResponse, bytes: Buffer): Promise<void> | undefined {
  if (response.destroyed || response.write(bytes)) return undefined
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done)
      resolve()
    }
    response.on("drain", done).on("close", done)
  })
}

function answerError(response: ServerResponse, error: unknown): void {
  // Half an answer can't be taken back.
  if (response.headersSent) response.destroy()
  else if (error instanceof refuse.InvokeError) error.send(response)
  else
    refuse
      .unavailable(error instanceof LambdaClosedError ? error.message : "No sandbox could be started")
      .send(response)
}
