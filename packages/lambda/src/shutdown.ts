import type { Redis } from "@warmpool/core"
import { closeOnSigterm } from "@warmpool/core/shutdown"
import { registerExtension } from "./extension.ts"

/** Lambda sends SIGKILL 500 ms after SIGTERM: what has not finished by then is cut off by us, in order. */
const DRAIN_MS = 150

const clients = new Set<Redis>()

/**
 * Closes the client when Lambda shuts the sandbox down, so that the server is not left with a dead socket.
 * Lambda sends SIGTERM only to sandboxes in which an extension is registered: an internal one without events is enough.
 * Source: AWS Lambda developer guide, "Lambda runtime environment lifecycle", shutdown phase.
 *
 * @param runtimeApi - Where Lambda's own API is, `host:port`.
 */
export function closeOnShutdown(redis: Redis, runtimeApi: string): void {
  clients.add(redis)
  if (clients.size > 1) return
  closeOnSigterm(clients, process, DRAIN_MS)
  const warn = (why: string) =>
    process.emitWarning(`warmpool will not close its connections at shutdown: ${why}`)
  try {
    registerExtension(runtimeApi, warn)
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error))
  }
}
