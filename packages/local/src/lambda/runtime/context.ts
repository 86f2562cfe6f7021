import type { IncomingHttpHeaders } from "node:http"

/** What a handler is told about its invocation. */
export interface Context {
  callbackWaitsForEmptyEventLoop: boolean
  readonly functionName: string
  readonly functionVersion: string
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string
  readonly awsRequestId: string
  readonly logGroupName: string
  readonly logStreamName: string
  readonly clientContext: unknown
  readonly identity: unknown
  getRemainingTimeInMillis(): number
}

/** The context of one invocation, from the Runtime API's headers and the sandbox's environment. */
export function createContext(headers: IncomingHttpHeaders): Context {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"])
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: variable("AWS_LAMBDA_FUNCTION_NAME"),
    functionVersion: variable("AWS_LAMBDA_FUNCTION_VERSION"),
    invokedFunctionArn: String(headers["lambda-runtime-invoked-function-arn"]),
    memoryLimitInMB: variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    awsRequestId: String(headers["lambda-runtime-aws-request-id"]),
    logGroupName: variable("AWS_LAMBDA_LOG_GROUP_NAME"),
    logStreamName: variable("AWS_LAMBDA_LOG_STREAM_NAME"),
    clientContext: parsed(headers["lambda-runtime-client-context"]),
    identity: parsed(headers["lambda-runtime-cognito-identity"]),
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  }
}

function variable(name: string): string {
  return process.env[name] ?? ""
}

function parsed(header: string | string[] | undefined): unknown {
  return typeof header === "string" ? JSON.parse(header) : undefined
}
