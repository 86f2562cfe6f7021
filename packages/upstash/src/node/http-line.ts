import type { ClientRequest, IncomingMessage } from "node:http"
import { ConnectionError } from "@warmpool/core"
import { type Answer, isResp, type Line } from "../line.ts"

type Http = typeof import("node:http")

/** The way of a keep-alive agent, which takes half of what `fetch` costs. Loaded with the first request. */
export function httpLine(url: string): Line {
  const { protocol, hostname, port, pathname } = new URL(url)
  const isSecure = protocol === "https:"
  const load = () => {
    const http = process.getBuiltinModule(isSecure ? "node:https" : "node:http") as Http
    return { http, agent: new http.Agent({ keepAlive: true }) }
  }
  const base = pathname.replace(/\/$/, "")
  // IPv6 addresses stand in brackets in a URL only.
  const target = { method: "POST", hostname: hostname.replace(/^\[|\]$/g, ""), port }
  let loaded: ReturnType<typeof load> | undefined
  return {
    post(path, { headers, body }, signal) {
      loaded ??= load()
      const { http, agent } = loaded
      const request = http.request({ ...target, agent, path: base + path, headers: { ...headers } })
      const answer = answerTo(request, { signal, connected: isSecure ? "secureConnect" : "connect" })
      request.end(body)
      return answer
    },
    close() {
      loaded?.agent.destroy()
    },
  }
}

interface Watch {
  readonly signal: AbortSignal
  /** The event after which a socket may carry something. */
  readonly connected: string
}

function answerTo(request: ClientRequest, { signal, connected }: Watch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let mayHaveLeft = false
    const abort = (): void => {
      request.destroy(signal.reason)
    }
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort)
      reject(mayHaveLeft ? error : unsent(error))
    }
    signal.addEventListener("abort", abort)
    request.on("error", fail)
    request.on("socket", (socket) => {
      if (request.reusedSocket) mayHaveLeft = true
      else
        socket.once(connected, () => {
          mayHaveLeft = true
        })
    })
    request.on("response", (response) => {
      mayHaveLeft = true
      response.on("error", fail)
      collect(response, (body) => {
        signal.removeEventListener("abort", abort)
        const header = (name: string) => {
          const value = response.headers[name]
          return typeof value === "object" ? value.join(",") : value
        }
        resolve({
          status: response.statusCode ?? 0,
          header,
          body: isResp(header("content-type")) ? body : body.toString(),
        })
      })
    })
  })
}

function collect(response: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  response.on("data", (chunk: Buffer) => chunks.push(chunk))
  response.on("end", () => {
    const [only] = chunks
    done(chunks.length === 1 && only ? only : Buffer.concat(chunks))
  })
}

/** Why there is no way to the server; trying again helps unless it is the certificate. */
function unsent(cause: Error): ConnectionError {
  const code = "code" in cause ? String(cause.code) : cause.message
  const isHopeless = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER|ERR_TLS/.test(code)
  return new ConnectionError(code, { cause, ...(!isHopeless && { fate: "unsent" }) })
}
