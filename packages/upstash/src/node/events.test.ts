import { describe, expect, it } from "vitest"
import { eventsOf } from "./events.ts"

const encoder = new TextEncoder()

async function textsOf(stream: string, size: number): Promise<{ texts: string[]; count: number }> {
  const bytes = encoder.encode(stream)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const texts: string[] = []
  let count = 0
  const heard = (more: number) => {
    count += more
  }
  for await (const text of eventsOf(chunks(), heard)) texts.push(text)
  return { texts, count }
}

describe("events", () => {
  it.each<[string, string, readonly string[]]>([
    ["one", "data: subscribe,a,1\n\n", ["subscribe,a,1"]],
    ["several", "data: 1\n\ndata: 2\n\n", ["1", "2"]],
    ["of several lines", "data: a\ndata:\ndata: b\n\n", ["a\n\nb"]],
    ["with CRLF", "data: a\r\ndata: b\r\n\r\n", ["a\nb"]],
    ["without a space", "data:a\n\n", ["a"]],
    ["with a space of their own", "data:  a\n\n", [" a"]],
    ["that are empty", "data: \n\n", [""]],
    ["among comments and other fields", ": beat\n\nevent: x\nid: 1\ndata: a\n\n:\n\n", ["a"]],
    ["beyond ASCII", "data: ключ 🦊\n\n", ["ключ 🦊"]],
    ["that are cut off", "data: a\n\ndata: b", ["a"]],
  ])("are read however they come in chunks: %s", async (_what, stream, texts) => {
    const { length } = encoder.encode(stream)

    for (const size of [1, 2, 3, 1_000]) expect(await textsOf(stream, size)).toEqual({ texts, count: length })
  })
})
