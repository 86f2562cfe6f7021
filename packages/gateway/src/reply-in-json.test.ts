import type { Reply } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { type Codec, webCodec } from "./codec.ts"
import { nodeCodec } from "./node/codec.ts"
import { ReplyWriter } from "./reply-in-json.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

/** Bytes of every length, of all values. */
const samples = Array.from({ length: 600 }, (_, n) =>
  Uint8Array.from({ length: n % 60 }, (_, i) => (n * 31 + i * 17 + (i * i) / 3) & (n < 300 ? 255 : 127)),
)

describe.each<[string, Codec]>([
  ["the Web's codec", webCodec],
  ["Node's codec", nodeCodec],
])("a reply written with %s", (_name, codec) => {
  const text = new ReplyWriter(codec, "text")
  const base64 = new ReplyWriter(codec, "base64")

  it.each<[Reply | Error, string, string]>([
    [bytes("OK"), '{"result":"OK"}', '{"result":"OK"}'],
    [bytes("PONG"), '{"result":"PONG"}', '{"result":"UE9ORw=="}'],
    [bytes(""), '{"result":""}', '{"result":""}'],
    [null, '{"result":null}', '{"result":null}'],
    [7, '{"result":7}', '{"result":7}'],
    ["9007199254740993", '{"result":9007199254740993}', '{"result":9007199254740993}'],
    [
      [bytes("OK"), 1, null, [bytes("é")], []],
      '{"result":["OK",1,null,["é"],[]]}',
      '{"result":["T0s=",1,null,["w6k="],[]]}',
    ],
    [
      [new Error('ERR in "it"')],
      '{"result":[{"error":"ERR in \\"it\\""}]}',
      '{"result":[{"error":"ERR in \\"it\\""}]}',
    ],
    [new Error("ERR é\n"), '{"error":"ERR é\\n"}', '{"error":"ERR é\\n"}'],
  ])("is what Upstash writes: %j", (reply, plain, encoded) => {
    expect(text.outcome(reply)).toBe(plain)
    expect(base64.outcome(reply)).toBe(encoded)
  })

  it("has every byte in base64", () => {
    for (const sample of samples) {
      const { result } = JSON.parse(base64.outcome([sample]))
      expect(Uint8Array.from(Buffer.from(result[0], "base64"))).toEqual(sample)
      expect(result[0]).toBe(Buffer.from(sample).toString("base64"))
    }
  })

  it("has all text as it is, and a replacement for what is none", () => {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

    for (const sample of samples)
      expect(JSON.parse(text.outcome([sample])).result).toEqual([decoder.decode(sample)])
  })
})
