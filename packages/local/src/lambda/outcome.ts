import type { Exit } from "./process-group.ts"

/** How an invocation ended: what the caller gets, and the error's type when the function failed. */
export interface Outcome {
  readonly payload: Buffer
  readonly contentType: string
  readonly errorType?: string
}

/** A function error in the shape Lambda answers with. */
export function failure(errorType: string, errorMessage: string): Outcome {
  const payload = Buffer.from(JSON.stringify({ errorType, errorMessage }))
  return { payload, contentType: "application/json", errorType }
}

/** The function ran longer than its timeout. */
export function timedOut(requestId: string, timeoutMs: number): Outcome {
  const message = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
  return failure("Sandbox.Timedout", message)
}

/** The runtime's process ended before it answered. */
export function exited(requestId: string, exit: Exit): Outcome {
  if (exit.error) return failure("Runtime.InvalidEntrypoint", `RequestId: ${requestId} Error: ${exit.error}`)
  return failure("Runtime.ExitError", `RequestId: ${requestId} Error: ${reasonOf(exit)}`)
}

const SIGNALS: Record<string, string> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGINT: "interrupt",
}

function reasonOf({ code, signal }: Exit): string {
  if (signal) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal}`
  if (code) return `Runtime exited with error: exit status ${code}`
  return "Runtime exited without providing a reason"
}

/** The message inside a failure's payload; the type when the payload is no JSON. */
export function messageOf(outcome: Outcome): string {
  try {
    return String(JSON.parse(outcome.payload.toString()).errorMessage)
  } catch {
    return outcome.errorType ?? "unknown error"
  }
}
