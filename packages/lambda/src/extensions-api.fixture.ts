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

/** Lambda's Extensions API, which takes every registration, refuses it, or says nothing. */
export interface ExtensionsApi extends AsyncDisposable {
  readonly address: string
  readonly asked: readonly Asked[]
}

export async function startExtensionsApi(answer: "takes" | "refuses" | "is silent"): Promise<ExtensionsApi> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const action = `${request.method} ${request.url}`
    const body = await bodyOf(request)
    const header = (name: string) => request.headers[name]?.toString()
    const [name, identifier] = [header("lambda-extension-name"), header("lambda-extension-identifier")]
    asked.push({ at: performance.now(), action, name, identifier, body })
    if (action.endsWith("/register")) respond(response, answer)
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

function respond(response: ServerResponse, answer: "takes" | "refuses" | "is silent"): void {
  if (answer === "is silent") return
  if (answer === "takes") response.setHeader("Lambda-Extension-Identifier", "the-identifier")
  response.statusCode = answer === "takes" ? 200 : 403
  response.end('{"functionName":"local"}')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ""
  for await (const chunk of request) body += String(chunk)
  return body
}
