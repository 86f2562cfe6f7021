import { watchBatch } from "./batch-watch.ts"
import type { Entry } from "./entry.ts"
import type { Lane, Sendable } from "./lane.ts"
import { SENT } from "./pending.ts"

/** Bytes handed to a connection before the lane asks whether the kernel took them. */
const SLICE_BYTES = 256 * 1024

/** Sends from the head of a lane's queue for as long as the kernel takes it, `most` requests at the most. */
export function transmit(lane: Lane, entry: Entry, most = Number.POSITIVE_INFINITY): void {
  const { events, host } = lane.surroundings
  let left = most
  while (left > 0 && lane.queue.length > 0 && entry.state !== "closed" && entry.connection.backlog === 0) {
    const batch = takeSlice(lane, left)
    left -= batch.length
    for (const pending of batch) pending.stage = SENT
    const watched = events.wanted("batch") ? watchBatch(batch, host) : undefined
    entry.connection.send(batch)
    if (watched === undefined) continue
    events.emit("batch", { id: entry.id, size: batch.length, ...watched })
    // A listener may have aborted what is still in the queue.
    lane.prune()
  }
}

/** Takes the next requests off the queue: all, unless they are too many or too large for one send. */
function takeSlice(lane: Lane, most: number): Sendable[] {
  const { queue } = lane
  const { maxRequests, maxBytes } = lane.surroundings.traits
  const count = Math.min(most, maxRequests, queue.length)
  const room = Math.min(SLICE_BYTES, maxBytes)
  let bytes = 0
  let end = 0
  for (; end < count; end += 1) {
    const size = queue[end]?.size ?? 0
    if (end > 0 && bytes + size > room) break
    bytes += size
  }
  if (end < queue.length) return queue.splice(0, end)
  lane.queue = []
  return queue
}

/** How many commands at the head of a lane's queue only read. */
export function leadingReads({ queue }: Lane): number {
  const firstOther = queue.findIndex(({ replayable }) => !replayable)
  return firstOther < 0 ? queue.length : firstOther
}
