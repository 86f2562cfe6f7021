import type { Reply } from "@warmpool/core"
import type { ByteStream } from "@warmpool/core/resp"
import { expect, it } from "vitest"
import { NodeConnection } from "./node-connection.ts"

const stream: ByteStream = { isBroken: false, write: () => true, close() {}, reset() {} }

function connect() {
  const moved: unknown[] = []
  const errors: string[] = []
  const connection = new NodeConnection(
    stream,
    { allocate: (bytes) => new Uint8Array(bytes), measureText: (text) => Buffer.byteLength(text) },
    { host: "10.0.0.9", onMoved: (slot, address) => void moved.push([slot, address]) },
  )
  const request = () => ({
    args: ["GET", "k"],
    decode: "text" as const,
    resolve: (_reply: Reply) => undefined,
    reject: (error: Error) => void errors.push(error.message),
    lose: () => undefined,
  })
  const answer = (line: string) => {
    connection.send([request()])
    connection.onBytes(Buffer.from(`${line}\r\n`))
  }
  return { moved, errors, answer }
}

it("tells where slots have gone for good, and hands the refusal on", () => {
  const { moved, errors, answer } = connect()

  answer("-MOVED 7 10.0.0.1:6379")
  answer("-ASK 8 10.0.0.2:6379")
  answer("-ERR something else")

  expect(moved).toEqual([[7, "10.0.0.1:6379"]])
  expect(errors).toEqual(["MOVED 7 10.0.0.1:6379", "ASK 8 10.0.0.2:6379", "ERR something else"])
})

it("fills in its own host where the node leaves it out", () => {
  const { moved, errors, answer } = connect()

  answer("-MOVED 7 :7001")
  answer("-ASK 8 :7002")

  expect(moved).toEqual([[7, "10.0.0.9:7001"]])
  expect(errors).toEqual(["MOVED 7 10.0.0.9:7001", "ASK 8 10.0.0.9:7002"])
})
