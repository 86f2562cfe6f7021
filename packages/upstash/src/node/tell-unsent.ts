import { ConnectionError } from "@warmpool/core"
import type { Fetch } from "../fetch-line.ts"

/** What only an attempt to connect fails with. */
const CONNECTING = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/

/** The same `fetch`, which says where nothing was sent: Node's tells by the code of the cause. */
export function tellUnsent(fetch: Fetch): Fetch {
  return async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
      throw CONNECTING.test(code) ? new ConnectionError(code, { cause: error, fate: "unsent" }) : error
    }
  }
}
