import type { Arg } from "@warmpool/core"
import type { ByteStream } from "@warmpool/core/resp"
import { encodedLength, RespConnection } from "@warmpool/core/resp"
import { describe, expect, it } from "vitest"
import { Asked } from "./ask.fixture.ts"

/** A stream whose kernel takes as many chunks as it is told. */
class SlowStream implements ByteStream {
  /** Bytes handed over, taken or under way. */
  handedOver = 0
  isBroken = false
  readonly chunks: Uint8Array[] = []
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  write(chunk: Uint8Array): boolean {
    this.handedOver += chunk.length
    this.chunks.push(chunk.slice())
    this.#room -= 1
    return this.#room >= 0
  }

  /** Takes the chunk under way, and so many more. */
  make(room: number): void {
    this.#room = room
  }

  close(): void {}
  reset(): void {}
}

const set = (bytes: number): Arg[] => ["SET", "k", "x".repeat(bytes)]

describe("fates", () => {
  it.each([0, 1, 2, 3, 5, 8])("are exact to the request when %i chunks were taken", (room) => {
    const stream = new SlowStream(room)
    const connection = new RespConnection(stream, {})
    const lengths = [10, 70_000, 1, 40_000, 30_000, 200, 100_000, 5, 64_000, 3, 50_000]
    const asked = lengths.map((length) => new Asked(set(length)))

    connection.send(asked.slice(0, 4))
    connection.send(asked.slice(4))
    connection.destroy(new Error("gone"))

    let begins = 0
    for (const request of asked) {
      const fate = begins >= stream.handedOver ? "unsent" : "unknown"
      expect(request.outcomes).toMatchObject([{ fate }])
      begins += encodedLength(request.args)
    }
  })

  it("stay exact while the kernel takes more", () => {
    const stream = new SlowStream(0)
    const connection = new RespConnection(stream, {})
    const asked = Array.from({ length: 40 }, () => new Asked(set(20_000)))
    connection.send(asked)

    stream.make(4)
    connection.onTaken()
    connection.destroy(new Error("gone"))

    const total = asked.reduce((length, { args }) => length + encodedLength(args), 0)
    expect(stream.handedOver).toBeGreaterThan(0)
    expect(stream.handedOver).toBeLessThan(total)
    const unsent = asked.filter((_, n) => n * encodedLength(set(20_000)) >= stream.handedOver)
    expect(
      asked.filter(({ outcomes }) => outcomes[0] && "fate" in outcomes[0] && outcomes[0].fate === "unsent"),
    ).toEqual(unsent)
  })

  it("of a transaction are those of its MULTI", () => {
    const stream = new SlowStream(0)
    const connection = new RespConnection(stream, {})
    const first = new Asked(set(10))
    const lost: string[] = []
    const transaction = {
      commands: [set(70_000), ["GET", "k"]],
      decode: "text" as const,
      resolve: () => {},
      reject: () => {},
      lose: (fate: string) => lost.push(fate),
    }

    connection.send([first])
    connection.send([transaction])
    connection.destroy(new Error("gone"))

    expect(first.outcomes).toMatchObject([{ fate: "unknown" }])
    expect(lost).toEqual(["unsent"])
  })

  it("of what was written before a full buffer stay unknown", () => {
    const connection = new RespConnection(new SlowStream(1), {})
    const [first, second, third] = [new Asked(set(10)), new Asked(set(10)), new Asked(set(10))]

    for (const request of [first, second, third]) connection.send([request])
    connection.destroy(new Error("gone"))

    expect(first.outcomes).toMatchObject([{ fate: "unknown" }])
    expect(second.outcomes).toMatchObject([{ fate: "unknown" }])
    expect(third.outcomes).toMatchObject([{ fate: "unsent" }])
  })
})

describe("a stream that broke before it could say so", () => {
  it("is given nothing, and what was to be sent is unsent", () => {
    const stream = new SlowStream(9)
    const connection = new RespConnection(stream, {})
    const [written, late] = [new Asked(set(10)), new Asked(set(10))]
    connection.send([written])
    const { handedOver } = stream

    stream.isBroken = true
    connection.send([late])

    expect(stream.handedOver).toBe(handedOver)
    expect(written.outcomes).toMatchObject([{ fate: "unknown" }])
    expect(late.outcomes).toMatchObject([{ fate: "unsent" }])
  })
})

describe("a full kernel", () => {
  it("gets the bytes in order, and each once", () => {
    const stream = new SlowStream(0)
    const connection = new RespConnection(stream, {})
    const asked = Array.from(
      { length: 500 },
      (_, n) => new Asked(["SET", `key:${n}`, "v".repeat((n * 997) % 40_000)]),
    )
    const expected = asked.map(({ args }) => {
      const bulks = args.map((arg) => `$${arg.length}\r\n${String(arg)}\r\n`)
      return `*3\r\n${bulks.join("")}`
    })

    for (let n = 0; n < asked.length; n += 7) {
      connection.send(asked.slice(n, n + 7))
      stream.make(n % 3)
      if (connection.backlog > 0) connection.onTaken()
    }
    while (connection.backlog > 0) connection.onTaken()

    expect(Buffer.concat(stream.chunks).toString() === expected.join("")).toBe(true)
  })
})

describe("a connection that is not RESP", () => {
  it("is lost with an error that shows no value", () => {
    const connection = new RespConnection(new SlowStream(9), {})
    const asked = new Asked(["GET", "k"])
    connection.send([asked])

    connection.onBytes(new TextEncoder().encode("HTTP/1.1 400 planted-value\r\n"))

    expect(asked.outcomes).toMatchObject([
      {
        fate: "unknown",
        cause: {
          message: expect.stringMatching(/^the server broke the protocol: .*is it Redis that listens there/),
        },
      },
    ])
  })

  it("is lost with a reply that nobody asked for", () => {
    const connection = new RespConnection(new SlowStream(9), {})
    let reason: Error | undefined
    connection.onClose((told) => {
      reason = told
    })

    connection.onBytes(new TextEncoder().encode("+planted-value\r\n"))

    expect(reason?.message).toBe("the server broke the protocol: a reply came that nobody asked for")
  })
})

describe("a MULTI that is refused", () => {
  const begin = (replies: string) => {
    const outcomes: unknown[] = []
    const connection = new RespConnection(new SlowStream(9), {})
    connection.send([
      {
        commands: [["SET", "k", "v"]],
        decode: "text",
        resolve: (reply: unknown) => outcomes.push({ reply }),
        reject: (error: Error) => outcomes.push(error),
        lose: (fate: "unsent" | "unknown") => outcomes.push({ fate }),
      },
    ])
    connection.onBytes(new TextEncoder().encode(replies))
    return outcomes
  }

  it("refuses the transaction, when nothing of it ran", () => {
    expect(begin("-LOADING x\r\n-LOADING x\r\n-LOADING x\r\n")).toMatchObject([
      { kind: "LOADING", fate: "refused" },
    ])
  })

  it("says that it may have run, when a command of it did", () => {
    expect(begin("-LOADING x\r\n+OK\r\n-ERR EXEC without MULTI\r\n")).toEqual([{ fate: "unknown" }])
  })
})
