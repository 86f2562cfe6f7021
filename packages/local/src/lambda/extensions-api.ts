import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { ApiRefusal, readBody, sendJson } from "./http.ts"
import type { Invocation } from "./invocation.ts"

interface Extension {
  readonly id: string
  readonly name: string
  readonly invoked: boolean
  next: ServerResponse | undefined
}

/** What a registered extension is told about the function. */
export interface FunctionInfo {
  readonly functionName: string
  readonly functionVersion: string
  readonly handler: string
}

/** What the sandbox hears of its extensions. */
export interface ExtensionsListener {
  readonly onWaiting: () => void
  readonly onFailed: (errorType: string, message: string) => void
}

/**
 * The Extensions API to one sandbox. All extensions are internal: they live in the runtime's process, may have no
 * events at all, and cannot ask for SHUTDOWN.
 * Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
export class ExtensionsApi {
  readonly #extensions = new Map<string, Extension>()
  readonly #info: FunctionInfo
  readonly #listener: ExtensionsListener
  #open = true

  constructor(info: FunctionInfo, listener: ExtensionsListener) {
    this.#info = info
    this.#listener = listener
  }

  get count(): number {
    return this.#extensions.size
  }

  /** Names of the extensions that have not asked for their next event: the sandbox waits for them. */
  get late(): readonly string[] {
    return [...this.#extensions.values()].filter((one) => !one.next).map((one) => one.name)
  }

  /** Ends registration: the runtime is initialised. */
  closeRegistration(): void {
    this.#open = false
  }

  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    if (path === "register") return this.#register(request, response, body)
    const id = request.headers["lambda-extension-identifier"]
    if (!id)
      throw new ApiRefusal(
        403,
        "Extension.MissingExtensionIdentifier",
        "Lambda-Extension-Identifier is missing",
      )
    const extension = this.#extensions.get(String(id))
    if (!extension) throw new ApiRefusal(403, "Extension.UnknownExtensionIdentifier", "Unknown extension")
    if (path === "event/next") return this.#next(extension, response)
    if (path === "init/error" || path === "exit/error") {
      const errorType = String(
        request.headers["lambda-extension-function-error-type"] ?? "Extension.UnknownReason",
      )
      sendJson(response, 202, { status: "OK" })
      return this.#listener.onFailed(
        path === "init/error" ? "Extension.InitError" : "Extension.ExitError",
        errorType,
      )
    }
    throw new ApiRefusal(404, "Extension.NotFound", "No such resource")
  }

  /** Tells the extensions that asked for INVOKE. */
  dispatch(invocation: Invocation, deadlineMs: number): void {
    for (const extension of this.#extensions.values()) {
      if (!extension.invoked || !extension.next) continue
      const next = extension.next
      extension.next = undefined
      next.setHeader("Lambda-Extension-Event-Identifier", randomUUID())
      sendJson(next, 200, {
        eventType: "INVOKE",
        deadlineMs,
        requestId: invocation.id,
        invokedFunctionArn: invocation.arn,
        tracing: { type: "X-Amzn-Trace-Id", value: invocation.traceId },
      })
    }
  }

  #register(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const name = request.headers["lambda-extension-name"]
    if (typeof name !== "string" || !name) {
      throw new ApiRefusal(403, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing")
    }
    if (!this.#open) {
      throw new ApiRefusal(403, "Extension.RegistrationClosed", "Register before the init phase ends")
    }
    if ([...this.#extensions.values()].some((one) => one.name === name)) {
      throw new ApiRefusal(403, "Extension.InvalidStateTransition", "This name is registered already")
    }
    const events = eventsOf(body)
    if (!events) throw new ApiRefusal(400, "InvalidRequestFormat", "events must be a JSON array of names")
    const odd = events.find((event) => event !== "INVOKE")
    if (odd !== undefined) {
      throw new ApiRefusal(403, "Extension.InvalidEventType", `${odd}: internal extensions get INVOKE only`)
    }
    const id = randomUUID()
    this.#extensions.set(id, { id, name, invoked: events.includes("INVOKE"), next: undefined })
    response.setHeader("Lambda-Extension-Identifier", id)
    sendJson(response, 200, this.#info)
  }

  #next(extension: Extension, response: ServerResponse): void {
    extension.next = response
    this.#listener.onWaiting()
  }
}

function eventsOf(body: Buffer): readonly string[] | undefined {
  try {
    const { events = [] } = body.length ? JSON.parse(body.toString()) : {}
    return Array.isArray(events) ? events.map(String) : undefined
  } catch {
    return undefined
  }
}
