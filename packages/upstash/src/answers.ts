import {
  ConnectionError,
  type Owed,
  type Reply,
  ReplyError,
  type Request,
  type Transaction,
} from "@warmpool/core"
import { errorOf, parseJson, type Strings, toReply } from "./json.ts"
import type { Answer } from "./line.ts"

/** What one HTTP request asks for. */
export type Batch = readonly (Request | Transaction)[]

/** Reads replies in RESP2, one for each of the batch; fewer if the bytes end early. Throws if they are not RESP. */
export type ReadResp = (bytes: Uint8Array, batch: Batch) => readonly Reply[]

/** How the bodies of answers are read. */
export interface Reading extends Strings {
  readonly resp: ReadResp | undefined
}

/** Settles a batch with what came back. */
export function settle(batch: Batch, answer: Answer, reading: Reading): void {
  const { status } = answer
  if (status === 429 || (status === 503 && answer.header("warmpool-not-run") === "1")) {
    for (const job of batch) job.reject(refusal(answer))
    return
  }
  let replies: readonly Reply[]
  try {
    replies = read(batch, answer, reading)
  } catch (cause) {
    for (const job of batch) job.lose("unknown", new ConnectionError(`HTTP ${status}: no replies`, { cause }))
    return
  }
  batch.forEach((job: Owed<never>, index) => {
    const reply = replies[index]
    if (reply === undefined) job.lose("unknown", new ConnectionError("the response ends early"))
    else if (!(reply instanceof ReplyError)) job.resolve(reply as never)
    else if (holds(answer.header("warmpool-unknown"), index)) job.lose("unknown", reply)
    else if (holds(answer.header("warmpool-unsent"), index)) job.reject(refused(reply.message))
    else job.reject(reply)
  })
}

function refusal(answer: Answer): ConnectionError {
  const after = answer.header("retry-after") ?? ""
  const wait = Number(after) * 1000 || Date.parse(after) - Date.now()
  return refused(`HTTP ${answer.status}: the server did not take the request`, wait)
}

function refused(message: string, wait = 0): ConnectionError {
  return new ConnectionError(message, { fate: "refused", ...(wait > 0 && { retryAfterMs: wait }) })
}

/** Whether a list like `0-3,7` holds an index. */
function holds(list: string | null | undefined, index: number): boolean {
  return Boolean(
    list?.split(",").some((range) => {
      const [from = 0, to = from] = range.split("-").map(Number)
      return from <= index && index <= to
    }),
  )
}

function read(batch: Batch, { status, body }: Answer, reading: Reading): readonly Reply[] {
  const isClientError = status >= 400 && status < 500 && status !== 408
  if (status !== 200 && !isClientError) throw new Error("the status says nothing about them")
  let replies: readonly Reply[]
  try {
    if (typeof body === "string") replies = readJson(batch, parseJson(body), reading)
    else if (reading.resp) replies = reading.resp(body, batch)
    else throw new TypeError("RESP2 that was not asked for")
  } catch (error) {
    if (!isClientError) throw error
    replies = batch.map(() => new ReplyError(`ERR HTTP ${status}`))
  }
  if (status !== 401 && status !== 403) return replies
  return replies.map((reply) =>
    reply instanceof ReplyError && reply.kind === "NOPERM"
      ? reply
      : new ReplyError(`WRONGPASS HTTP ${status}: the server refuses the token; see the option token`),
  )
}

function readJson(batch: Batch, parsed: unknown, reading: Reading): readonly Reply[] {
  const outcome = (item: unknown, { decode }: Owed<never>): Reply =>
    typeof item === "object" && item !== null && "result" in item && !("error" in item && item.error)
      ? toReply(item.result, decode, reading)
      : new ReplyError(errorOf(item))

  const [first] = batch
  const isTransaction = first !== undefined && "commands" in first
  if (!Array.isArray(parsed)) {
    if (batch.length === 1 && !isTransaction) return batch.map((job) => outcome(parsed, job))
    return batch.map(() => new ReplyError(errorOf(parsed), reasonsOf(parsed)))
  }
  if (isTransaction) return [parsed.map((item: unknown) => outcome(item, first))]
  return batch.map((job, index) => outcome(parsed[index], job))
}

/** Why a transaction was discarded, where our gateway says so. */
function reasonsOf(value: unknown): { readonly previousErrors?: readonly ReplyError[] } {
  const reasons: unknown = Reflect.get(Object(value), "reasons")
  return Array.isArray(reasons)
    ? { previousErrors: reasons.map((reason) => new ReplyError(String(reason))) }
    : {}
}
