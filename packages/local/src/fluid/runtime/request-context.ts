import { AsyncLocalStorage } from "node:async_hooks"
import type { IncomingMessage, ServerResponse } from "node:http"
import { inspect } from "node:util"
import { ID_HEADER } from "../report.ts"
import { report } from "./report.ts"

/** What `globalThis[Symbol.for("@vercel/request-context")].get()` gives inside a request. */
export interface RequestContext {
  /** Keeps the instance awake until the promise settles; a rejection is logged. */
  waitUntil(promise: PromiseLike<unknown>): void
  /** When the platform gives the request up: ISO 8601. */
  readonly deadline: string
  readonly headers: IncomingMessage["headers"]
}

/** What asynchronous work belongs to which request. */
export const requestContexts = new AsyncLocalStorage<RequestContext>()

/** The value behind the symbol, for any realm. */
export const REQUEST_CONTEXT = Symbol.for("@vercel/request-context")

/**
 * Makes the context of one request. The invocation ends, for the host, when its response is closed and nothing is
 * waited for; a later `waitUntil` begins it again.
 */
export function contextOf(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxDurationS: number,
): RequestContext {
  const id = String(incoming.headers[ID_HEADER])
  let pending = 1
  const done = () => {
    pending -= 1
    if (pending === 0) report({ type: "end", id })
  }
  outgoing.once("close", done)
  return {
    waitUntil(promise) {
      if (typeof promise?.then !== "function") {
        throw new TypeError(`waitUntil can only be called with a Promise, got ${typeof promise}`)
      }
      if (pending === 0) report({ type: "begin", id })
      pending += 1
      promise.then(done, (reason) => {
        process.stderr.write(`a promise given to waitUntil was rejected: ${inspect(reason)}\n`)
        done()
      })
    },
    deadline: new Date(Date.now() + maxDurationS * 1_000).toISOString(),
    headers: incoming.headers,
  }
}
