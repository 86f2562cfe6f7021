import { ConnectionError, type Owed, type Reply, type Request, type Transaction } from "@warmpool/core"
import { compact, unpackReply, type WireAnswer, type WireBatch } from "./wire.ts"

/** What is wrong with an answer in no shape that we know. */
export const NO_ANSWER =
  "the pool answered something else: deploy its Worker and this one with the same version of @warmpool/cloudflare"

/** What a client hands over; its own know until when they wait. */
export type Owing = (Request | Transaction) & { readonly deadline?: number | undefined }

/** Commands as one call carries them. */
export function wireBatch(batch: readonly Owing[], now: number): WireBatch {
  const deadline = batch.reduce((latest, { deadline = Infinity }) => Math.max(latest, deadline), now)
  return {
    sent: batch.map((owing) => [owing.decode, compact("args" in owing ? owing.args : owing.commands)]),
    patienceMs: deadline - now,
  }
}

/** Hands each command its outcome, or all of them the error of their call. */
export function deliver(batch: readonly Owing[], answer: WireAnswer | Error): void {
  const outcomes = answer instanceof Error ? answer : unpackReply(answer)
  const each = Array.isArray(outcomes) ? outcomes : []
  batch.forEach((owing, index) => {
    settle(owing as Owed<Reply>, outcomes instanceof Error ? outcomes : each[index])
  })
}

function settle(owed: Owed<Reply>, outcome: Reply | undefined): void {
  if (outcome === undefined) owed.lose("unknown", new ConnectionError(NO_ANSWER))
  else if (outcome instanceof ConnectionError)
    owed.lose(outcome.fate === "unknown" ? "unknown" : "unsent", outcome)
  else if (outcome instanceof Error) owed.reject(outcome)
  else owed.resolve(outcome)
}
