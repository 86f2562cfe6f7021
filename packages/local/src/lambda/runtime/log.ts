import { format } from "node:util"
import type { FunctionError } from "./function-error.ts"

let requestId: string | undefined

/** Names the invocation that log lines belong to from now on. */
export function logFor(id: string): void {
  requestId = id
}

/** Makes `console` write Lambda's lines: time, request id, level and text, parted by tabs. */
export function patchConsole(): void {
  console.log = write("INFO")
  console.info = write("INFO")
  console.debug = write("DEBUG")
  console.warn = write("WARN")
  console.error = write("ERROR")
  console.trace = write("TRACE")
}

/** Logs an error that ended an invocation, an init or the process. */
export function logError(title: string, { errorType, errorMessage, trace }: FunctionError): void {
  write("ERROR")(`${title}\t${JSON.stringify({ errorType, errorMessage, stack: trace })}`)
}

function write(level: string): (...parts: unknown[]) => void {
  return (...parts) => {
    // One entry is one line; Lambda writes the breaks inside it as carriage returns.
    const text = format(...parts).replaceAll("\n", "\r")
    process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`)
  }
}
