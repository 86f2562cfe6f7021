import { createPortableRedis, type PortableOptions } from "@warmpool/core/portable"
import { Parser } from "@warmpool/core/resp"
import { upstashTransport as nodeTransport } from "./node/transport.ts"
import { upstashTransport as fetchTransport, type UpstashTransport } from "./transport.ts"
import { TOKEN } from "./upstash-server.fixture.ts"

/** One way to reach a server. */
export interface Way {
  readonly name: string
  /** Whether a failure says that nothing was sent. */
  readonly tells: "unsent" | "nothing"
  open(url: string): UpstashTransport
}

/** The entries of the package, and how replies come to each. */
export const ways: readonly Way[] = [
  { name: "Node's agent", tells: "unsent", open: (url) => nodeTransport({ url, token: TOKEN }) },
  {
    name: "Node's agent, RESP2",
    tells: "unsent",
    open: (url) => nodeTransport({ url, token: TOKEN, resp2: true }),
  },
  { name: "fetch", tells: "nothing", open: (url) => fetchTransport({ url, token: TOKEN }) },
  {
    name: "fetch, RESP2",
    tells: "nothing",
    open: (url) => fetchTransport({ url, token: TOKEN, resp2: Parser }),
  },
  {
    name: "Node with a fetch of its own",
    tells: "unsent",
    open: (url) => nodeTransport({ url, token: TOKEN, fetch: globalThis.fetch, resp2: false }),
  },
]

/** Patient, because the machine may be busy. */
export function connect(transport: UpstashTransport, options: Partial<PortableOptions> = {}) {
  return createPortableRedis({ commandTimeoutMs: 10_000, validateTimeoutMs: 5_000, transport, ...options })
}
