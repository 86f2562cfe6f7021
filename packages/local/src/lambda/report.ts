import { messageOf, type Outcome } from "./outcome.ts"

/** What Lambda logs about one invocation. */
export interface Report {
  readonly tookMs: number
  /** Set for the first invocation of a sandbox. */
  readonly initMs: number | undefined
  readonly memory: number
  readonly peakMb: number
  /** Set when the platform ended the invocation, not the function's own answer. */
  readonly failed: Outcome | undefined
}

/** The END and REPORT lines of an invocation, after the reason if it was ended from outside. */
export function report(requestId: string, { tookMs, initMs, memory, peakMb, failed }: Report): string {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${tookMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(tookMs)} ms`,
    `Memory Size: ${memory} MB`,
    `Max Memory Used: ${peakMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(failed ? ["Status: error", `Error Type: ${failed.errorType}`] : []),
  ]
  const reason = failed ? `${messageOf(failed)}\n${failed.errorType}\n` : ""
  return `${reason}END RequestId: ${requestId}\n${fields.join("\t")}\n`
}

/** The line about an init that failed. */
export function initReport(tookMs: number, { errorType }: Outcome): string {
  return `INIT_REPORT Init Duration: ${tookMs.toFixed(2)} ms\tPhase: init\tStatus: error\tError Type: ${errorType}\n`
}
