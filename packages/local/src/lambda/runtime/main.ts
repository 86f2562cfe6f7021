// The first file of a sandbox's process: loads the handler, then asks for one event after the other.
import { RuntimeClient } from "./client.ts"
import { createContext } from "./context.ts"
import { describeError, type FunctionError, RuntimeError } from "./function-error.ts"
import { streamifyResponse } from "./handler.ts"
import { invoke } from "./invoke.ts"
import { loadHandler } from "./load-handler.ts"
import { logError, logFor, patchConsole } from "./log.ts"
import { HttpResponseStream } from "./response-stream.ts"

const [file = "", exportPath = "handler"] = process.argv.slice(2)
const client = new RuntimeClient(process.env["AWS_LAMBDA_RUNTIME_API"] ?? "")
let phase: "init" | "waiting" | "invoking" = "init"
let requestId = ""

/** Says what is wrong while somebody waits to hear it, then ends the process. */
async function die(title: string, error: FunctionError, code: number): Promise<void> {
  logError(title, error)
  if (phase === "init") await client.failInit(error).catch(() => {})
  if (phase === "invoking") await client.fail(requestId, error).catch(() => {})
  process.exit(code)
}

async function serve(): Promise<void> {
  const handler = await loadHandler(file, exportPath)
  for (;;) {
    const next = client.next()
    phase = "waiting"
    const { body, headers } = await next
    const context = createContext(headers)
    phase = "invoking"
    requestId = context.awsRequestId
    logFor(requestId)
    process.env["_X_AMZN_TRACE_ID"] = String(headers["lambda-runtime-trace-id"])
    await invoke(client, handler, { event: JSON.parse(body), context })
  }
}

patchConsole()
Reflect.set(globalThis, "awslambda", { streamifyResponse, HttpResponseStream })
process.on("uncaughtException", (thrown) => die("Uncaught Exception", describeError(thrown), 129))
process.on("unhandledRejection", (reason) => {
  const error = new RuntimeError("UnhandledPromiseRejection", String(reason), { cause: reason })
  return die("Unhandled Promise Rejection", describeError(error), 128)
})
serve().catch((thrown) => die("Init Error", describeError(thrown), 1))
