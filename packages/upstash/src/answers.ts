import {
  ConnectionError,
  type Owed,
  type Reply,
  ReplyError,
  type Request,
  type Transaction,
} from "@warmpool/core"
import type { Codec } from "./codec.ts"
import { errorOf, itemOf, parseJson, toReply } from "./json.ts"
import type { Answer } from "./line.ts"
import { pathOf } from "./message.ts"

/** What one HTTP request asks for. */
export type Batch = readonly (Request | Transaction)[]

/** Reads replies in RESP2, one for each of the batch; fewer if the bytes end early. Throws if they are not RESP. */
export type ReadResp = (bytes: Uint8Array, batch: Batch) => readonly Reply[]

/** How the bodies of answers are read. */
export interface Reading {
  readonly codec: Codec
  /** Set if RESP2 was asked for, and not base64. */
  readonly resp: ReadResp | undefined
}

/** Settles a batch with what came back. Throws if there is not a reply for each; who has none may have run. */
export function settle(batch: Batch, answer: Answer, reading: Reading): void {
  const { status, header } = answer
  const isRefused = status === 429 || (status === 503 && header("warmpool-not-run"))
  const replies = isRefused ? [] : read(batch, answer, reading)
  batch.forEach((job: Owed<never>, index) => {
    const reply = replies[index]
    // Our gateway's seconds are for clients without a jitter of their own; they would outlast most deadlines.
    if (isRefused)
      job.reject(refusal(`HTTP ${status}: not taken`, status === 429 ? header("retry-after") : undefined))
    else if (reply === undefined) return
    else if (!(reply instanceof ReplyError)) job.resolve(reply as never)
    else if (holds(header("warmpool-unknown"), index)) job.lose("unknown", reply)
    else job.reject(holds(header("warmpool-unsent"), index) ? refusal(reply.message) : reply)
  })
  if (!isRefused && replies.length < batch.length) throw new Error(`HTTP ${status} and no reply`)
}

function refusal(message: string, after?: string | null): ConnectionError {
  const retryAfterMs = Number(after) * 1000 || Date.parse(after ?? "") - Date.now()
  return new ConnectionError(message, { fate: "refused", ...(retryAfterMs > 0 && { retryAfterMs }) })
}

/** Whether a list like `0-3,7` holds an index. */
function holds(list: string | null | undefined, index: number): boolean {
  return (list ?? "").split(",").some((range) => {
    const [from, to = from] = range.split("-")
    return range !== "" && Number(from) <= index && index <= Number(to)
  })
}

function read(batch: Batch, { status, body }: Answer, reading: Reading): readonly Reply[] {
  const isClientError = status > 399 && status < 500 && status !== 408
  let replies: readonly Reply[] = []
  try {
    if (status === 200 || isClientError)
      replies =
        typeof body === "string"
          ? readJson(batch, parseJson(body), reading)
          : (reading.resp?.(body, batch) ?? [])
  } catch {
    // What can't be read is no reply; what the parser says of it would show it.
  }
  if (!isClientError) return replies
  return batch.map((_, index) => {
    const reply = replies[index] ?? new ReplyError(`ERR HTTP ${status}`)
    const isLocked =
      (status === 401 || status === 403) && !(reply instanceof ReplyError && reply.kind === "NOPERM")
    return isLocked ? new ReplyError(`WRONGPASS HTTP ${status}: check the option token`) : reply
  })
}

function readJson(batch: Batch, parsed: unknown, reading: Reading): readonly Reply[] {
  const [first] = batch
  const items = Array.isArray(parsed) ? parsed : undefined
  const outcome = (item: unknown, { decode }: Owed<never>): Reply => {
    const { result, error } = itemOf(item)
    const mayBeResult = items !== undefined || pathOf(batch) === "/"
    if (result === undefined || error || !mayBeResult) return errorOf(item)
    const reply = toReply(result, decode, reading)
    return decode === "raw" ? [reply] : reply
  }
  if (items && first && "commands" in first) {
    if (items.length !== first.commands.length) throw new TypeError("no reply")
    return [items.map((item) => outcome(item, first))]
  }
  return batch.map((job, index) => outcome(items ? items[index] : parsed, job))
}
