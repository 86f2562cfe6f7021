import { type Decode, type Reply, ReplyError, WarmpoolError } from "@warmpool/core"
import { laneOf } from "@warmpool/core/lane"
import { errorAnswer, jsonAnswer, respAnswer } from "./answers.ts"
import { canLease, type Way } from "./clients.ts"
import type { Codec } from "./codec.ts"
import type { Answer, Exchange } from "./exchange.ts"
import type { Format } from "./format.ts"
import type { Grant } from "./grants.ts"
import { fatesOf, lossOf, shownOf } from "./outcomes.ts"
import { judge } from "./policy.ts"
import { repliesInResp } from "./replies-in-resp.ts"
import { ReplyWriter } from "./reply-in-json.ts"
import type { Command } from "./target.ts"

type Outcome = Reply | Error

/** Who asks, over which client, and how the answer is wanted. */
export interface Errand {
  readonly grant: Grant
  readonly way: Way
  readonly format: Format
  readonly codec: Codec
  /** Headers of an answer that Redis gave. */
  readonly headers: Readonly<Record<string, string>>
  readonly exchange: Pick<Exchange, "method" | "header" | "gone">
}

/** A command that the gateway itself turned away. */
class RefusedError extends Error {
  override readonly name = "RefusedError"
}

/** Runs one command. */
export async function runOne(errand: Errand, command: Command): Promise<Answer> {
  const verdict = judge(errand.grant, command)
  if ("refusal" in verdict) return answerOne(errand, new RefusedError(verdict.refusal))
  const send = verdict.blocks ? sendWaiting : sendTogether
  const [outcome = null] = await send(errand, [command])
  return lossOf([outcome]) ?? answerOne(errand, outcome)
}

/** Runs commands in order, together; each has its own outcome. */
export async function runPipeline(errand: Errand, commands: readonly Command[]): Promise<Answer> {
  const refusals = commands.map((command) => refusalInPipeline(errand, command))
  const isWhole = refusals.every((refusal) => refusal === undefined)
  const passed = isWhole ? commands : commands.filter((_, index) => refusals[index] === undefined)
  const replies = passed.length === 0 ? [] : await sendTogether(errand, passed)
  const outcomes = isWhole ? replies : rejoin(refusals, replies)
  return lossOf(outcomes) ?? answerAll(errand, outcomes)
}

/** Puts replies where no refusal stands. */
function rejoin(refusals: readonly (Error | undefined)[], replies: readonly Outcome[]): Outcome[] {
  let next = 0
  return refusals.map((refusal) => refusal ?? replies[next++] ?? null)
}

/** Runs commands as one transaction. The answer is always in JSON. */
export async function runTransaction(errand: Errand, commands: readonly Command[]): Promise<Answer> {
  for (const command of commands) {
    const verdict = judge(errand.grant, command)
    if ("refusal" in verdict) return errorAnswer(400, verdict.refusal)
  }
  try {
    const outcomes = await errand.way.lane.transact(commands, { decode: "bytes" })
    if (outcomes === null) return jsonAnswer(200, "null", errand.headers)
    return jsonAnswer(200, inJson(errand, outcomes), errand.headers)
  } catch (error) {
    if (!(error instanceof WarmpoolError)) throw error
    return lossOf([error]) ?? discarded(errand, error)
  }
}

function sendTogether({ way, format }: Errand, commands: readonly Command[]): Promise<Outcome[]> {
  return way.lane.send(commands, { decode: decodeOf(format) })
}

/** A command that waits on the server does so on a connection of its own, and no longer than its client. */
async function sendWaiting(
  { way, format, exchange }: Errand,
  commands: readonly Command[],
): Promise<Outcome[]> {
  const { redis } = way
  if (!canLease(redis)) return [new RefusedError("ERR Command is not available: it blocks")]
  const signal = exchange.gone()
  try {
    return await redis
      .with({ ...(signal && { signal }) })
      .use((lease) => laneOf(lease).send(commands, { decode: decodeOf(format) }))
  } catch (error) {
    if (error instanceof WarmpoolError) return [error]
    if (signal?.aborted) return [new RefusedError("ERR the client has gone")]
    throw error
  }
}

function decodeOf(format: Format): Decode {
  return format === "resp2" ? "raw" : "bytes"
}

function refusalInPipeline({ grant }: Errand, command: Command): Error | undefined {
  const verdict = judge(grant, command)
  if ("refusal" in verdict) return new RefusedError(verdict.refusal)
  return verdict.blocks
    ? new RefusedError("ERR Command is not available: it blocks, send it by itself")
    : undefined
}

function answerOne({ format, codec, headers }: Errand, outcome: Outcome): Answer {
  const status = outcome instanceof Error ? 400 : 200
  if (format === "resp2") return respAnswer(status, repliesInResp([outcome]), headers)
  return jsonAnswer(status, new ReplyWriter(codec, format).outcome(outcome), headers)
}

function answerAll(errand: Errand, outcomes: readonly Outcome[]): Answer {
  const fates = fatesOf(outcomes)
  const headers = fates ? { ...errand.headers, ...fates } : errand.headers
  const shown = fates ? outcomes.map(shownOf) : outcomes
  if (errand.format === "resp2") return respAnswer(200, repliesInResp(shown), headers)
  return jsonAnswer(200, inJson(errand, shown), headers)
}

function inJson({ format, codec }: Errand, outcomes: readonly Outcome[]): string {
  const writer = new ReplyWriter(codec, format === "base64" ? "base64" : "text")
  let text = "["
  for (let i = 0; i < outcomes.length; i++)
    text += `${i === 0 ? "" : ","}${writer.outcome(outcomes[i] ?? null)}`
  return `${text}]`
}

/** A transaction that did not run, and the reasons where the server gave some. */
function discarded({ headers }: Errand, error: WarmpoolError): Answer {
  const previous = error instanceof ReplyError ? (error.previousErrors ?? []) : []
  const reasons = previous.map(({ message }) => message)
  return jsonAnswer(
    400,
    JSON.stringify({ error: error.message, ...(reasons.length > 0 && { reasons }) }),
    headers,
  )
}
