import { ArgumentError } from "@warmpool/core"
import type { Exchanger } from "@warmpool/core/exchange"
import { type Batch, type ReadResp, settle } from "./answers.ts"
import type { Codec } from "./codec.ts"
import type { Line } from "./line.ts"
import { bodyOf, isText, pathOf } from "./message.ts"
import type { Server } from "./server.ts"

/** What an exchange is made of. */
export interface Parts {
  readonly server: Server
  readonly line: Line
  readonly codec: Codec
  readonly resp: ReadResp | undefined
  /** Whether to ask for RESP2 before the server has announced itself. */
  readonly eager: boolean
}

/** Carries batches: each is one request of the Upstash REST protocol. See docs/http-protocol.md. */
export function makeExchange({ server, line, codec, resp, eager }: Parts): Exchanger["exchange"] {
  return async (given, signal) => {
    const batch = given.filter((job) => takes(server, job))
    if (batch.length === 0) return
    const path = pathOf(batch)
    const isPlain = server.isGateway === false || batch.every(isText)
    const reading = { codec, resp: path !== "/multi-exec" && (eager || server.isGateway) ? resp : undefined }
    server.sent += 1
    const order = server.sent
    const headers = {
      ...server.headers,
      ...(reading.resp ? { "upstash-response-format": "resp2" } : { "upstash-encoding": "base64" }),
      ...(server.token !== undefined && { "upstash-sync-token": server.token }),
      ...(!isPlain && { "warmpool-arguments": "base64" }),
    }
    const body = isPlain ? bodyOf(batch) : bodyOf(batch, codec.encode)
    const answer = await line.post(path, { headers, body }, signal)
    if (answer.status === 200 || answer.status === 400) {
      server.isGateway = answer.header("warmpool-gateway") != null
      server.saw(answer.header("upstash-sync-token"), order)
      // To this server the names were unknown commands: nothing ran, and the next try tells bytes from text.
      if (!isPlain && !server.isGateway) throw notText()
    }
    settle(batch, answer, reading)
  }
}

/** Whether a request is sent; what the server could only refuse is settled here. */
function takes({ isGateway }: Server, job: Batch[number]): boolean {
  // Servers refuse a transaction of nothing, which a socket lets through.
  if ("commands" in job && job.commands.length === 0) job.resolve([])
  else if (isGateway === false && !isText(job)) job.reject(notText())
  else return true
  return false
}

function notText(): ArgumentError {
  return new ArgumentError("this server takes UTF-8 only: write other bytes in base64", { fate: "unsent" })
}
