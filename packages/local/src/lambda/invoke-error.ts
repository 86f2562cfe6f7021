import type { ServerResponse } from "node:http"
import { sendJson } from "./http.ts"

/** A refusal of the Invoke API: no invocation took place. */
export class InvokeError extends Error {
  override readonly name = "InvokeError"
  readonly code: string
  readonly status: number
  readonly #body: object
  readonly #headers: Readonly<Record<string, string>>

  constructor(
    code: string,
    status: number,
    detail: { body: object; headers?: Readonly<Record<string, string>> },
  ) {
    super(code)
    this.code = code
    this.status = status
    this.#body = detail.body
    this.#headers = detail.headers ?? {}
  }

  send(response: ServerResponse): void {
    response.setHeader("x-amzn-ErrorType", this.code)
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value)
    sendJson(response, this.status, this.#body)
  }
}

export function notFound(arn: string): InvokeError {
  return new InvokeError("ResourceNotFoundException", 404, {
    body: { Type: "User", Message: `Function not found: ${arn}` },
  })
}

export function throttled(): InvokeError {
  return new InvokeError("TooManyRequestsException", 429, {
    body: {
      Type: "User",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      message: "Rate Exceeded.",
    },
    headers: { "Retry-After": "1" },
  })
}

export function tooLarge(most: number): InvokeError {
  return new InvokeError("RequestTooLargeException", 413, {
    body: {
      Type: "User",
      message: `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
    },
  })
}

export function badContent(): InvokeError {
  return new InvokeError("InvalidRequestContentException", 400, {
    body: {
      Type: "User",
      message: "Could not parse request body into json: Could not parse payload into json",
    },
  })
}

export function badParameter(message: string): InvokeError {
  return new InvokeError("InvalidParameterValueException", 400, { body: { Type: "User", message } })
}

export function noSuchRoute(): InvokeError {
  return new InvokeError("UnknownOperationException", 404, {
    body: { Type: "User", message: "This local Lambda serves Invoke and InvokeWithResponseStream only" },
  })
}

export function unavailable(message: string): InvokeError {
  return new InvokeError("ServiceException", 500, { body: { Type: "Service", Message: message } })
}
