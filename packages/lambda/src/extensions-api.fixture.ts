import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What a sandbox asked Lambda's Extensions API. */
export interface Asked {
  readonly at: number
  readonly action: string
  readonly name: string | undefined
  readonly identifier: string | undefined
  readonly body: string
}

/** What Lambda makes of registrations. */
type Manner = "takes" | "takes slowly" | "refuses" | "hangs up" | "is silent"

/** Longer than anybody blocks for it, ms. */
const SLOW_MS = 2_000

/** Lambda's Extensions API. */
export interface ExtensionsApi extends AsyncDisposable {
  readonly address: string
  readonly asked: readonly Asked[]
}

export async function startExtensionsApi(manner: Manner): Promise<ExtensionsApi> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const action = `${request.method} ${request.url}`
    const body = await bodyOf(request)
    const header = (name: string) => request.headers[name]?.toString()
    const [name, identifier] = [header("lambda-extension-name"), header("lambda-extension-identifier")]
    asked.push({ at: performance.now(), action, name, identifier, body })
    if (action.endsWith("/register")) respond(response, manner)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function respond(response: ServerResponse, manner: Manner): void {
  if (manner === "is silent") return
  if (manner === "hangs up") {
    response.socket?.end()
    return
  }
  if (manner !== "refuses") response.setHeader("Lambda-Extension-Identifier", "the-identifier")
  response.statusCode = manner === "refuses" ? 403 : 200
  setTimeout(() => response.end('{"functionName":"local"}'), manner === "takes slowly" ? SLOW_MS : 0)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ""
  for await (const chunk of request) body += String(chunk)
  return body
}
