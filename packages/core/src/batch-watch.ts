import { ReplyError, WarmpoolError } from "./errors.ts"
import type { Host } from "./host.ts"
import type { Sendable } from "./lane.ts"

/** How a batch ended. */
export interface BatchEnd {
  /** From the write until the last of it was settled, ms. */
  readonly tookMs: number
  /** What the first failure was: the server's error prefix such as `WRONGTYPE`, or a code of ours. */
  readonly error: string | undefined
}

/** What is told of a batch, and how it ends. */
export function watchBatch(
  batch: readonly Sendable[],
  host: Host,
): { readonly command: string; readonly done: Promise<BatchEnd> } {
  const { promise, resolve } = Promise.withResolvers<BatchEnd>()
  const startedAt = host.now()
  let left = batch.length
  let error: string | undefined
  const onSettled = (failure?: unknown): void => {
    left -= 1
    if (failure !== undefined) error ??= nameOf(failure)
    if (left === 0) resolve({ tookMs: host.now() - startedAt, error })
  }
  const names = new Set<string>()
  for (const pending of batch) {
    pending.onSettled = onSettled
    names.add(pending.spec.wire)
  }
  const [first = ""] = names
  return { command: names.size === 1 ? first : "BATCH", done: promise }
}

function nameOf(failure: unknown): string {
  if (failure instanceof ReplyError) return failure.kind
  return failure instanceof WarmpoolError ? failure.code : "aborted"
}
