import type { Writable } from "node:stream"
import type { EventFeed } from "../exchange.ts"

/** Writes events as they come, no faster than they are taken, until either side ends it. Never rejects. */
export async function writeEvents(stream: Writable, feed: EventFeed): Promise<void> {
  stream.on("close", () => feed.close())
  stream.on("error", () => feed.close())
  for await (const events of feed) {
    if (stream.destroyed) return
    if (!stream.write(events)) await taken(stream)
  }
  if (!stream.destroyed) stream.end()
}

/** Resolves when what was written has been taken, or the stream is gone. */
function taken(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done)
      stream.off("close", done)
      resolve()
    }
    stream.on("drain", done)
    stream.on("close", done)
  })
}
