import { describe, expect, it } from "vitest"
import { Feed } from "./feed.ts"

async function all(feed: Feed): Promise<string> {
  let heard = ""
  for await (const part of feed) heard += part
  return heard
}

describe("a feed", () => {
  it("writes events, their line ends inside them", async () => {
    const feed = new Feed()
    feed.event("one")
    feed.event("a\nb\r\nc\rd")
    feed.beat()
    feed.close()

    expect(await all(feed)).toBe("data: one\n\ndata: a\ndata: b\ndata: c\ndata: d\n\n:\n\n")
  })

  it("gives events to whoever waits for them already", async () => {
    const feed = new Feed()
    const heard = all(feed)

    feed.event("late")
    feed.close()

    expect(await heard).toBe("data: late\n\n")
  })

  it("carries one event of any size", async () => {
    const feed = new Feed()
    const large = "x".repeat(3_000_000)

    feed.event(large)

    expect(feed.closed).toBe(false)
    feed.close()
    expect(await all(feed)).toBe(`data: ${large}\n\n`)
  })

  it("ends for a client that is too far behind, and gives it nothing out of order", async () => {
    const feed = new Feed()
    const ends: string[] = []
    feed.onClose(() => ends.push("once"))

    for (let n = 0; n < 3; n++) feed.event("x".repeat(1_000_000))
    feed.event("after the end")

    expect(feed.closed).toBe(true)
    expect(ends).toEqual(["once"])
    expect(await all(feed)).toBe("")
  })

  it("tells of its end at once where it has ended", () => {
    const feed = new Feed()
    feed.close()
    let told = false

    feed.onClose(() => {
      told = true
    })

    expect(told).toBe(true)
  })
})
