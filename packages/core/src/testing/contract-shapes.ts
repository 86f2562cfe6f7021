import { describe, expect, it } from "vitest"
import { ReplyError } from "../errors.ts"
import type { Arg, Connection, Decode, Reply } from "../transport.ts"
import type { Trial } from "./trial.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Every value that a byte can have, with line ends among them. */
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, n) => n)
const MEGABYTE = 1024 * 1024

/** What a reply looks like to the caller. */
export function describeShapes(trial: Trial): void {
  const ask = (connection: Connection, args: readonly Arg[], decode: Decode): Promise<Reply> => {
    const request = trial.request(args, decode)
    connection.send([request])
    return request.reply()
  }

  describe("shapes of replies", () => {
    it("gives text, integers, nulls and arrays", async () => {
      const connection = await trial.connect()
      await trial.ask(connection, "HSET", "h", "a", "1", "b", "2")

      expect(await trial.ask(connection, "GET", "missing")).toBeNull()
      expect(await trial.ask(connection, "EXISTS", "h")).toBe(1)
      expect(await trial.ask(connection, "LRANGE", "missing", "0", "-1")).toEqual([])
      expect(await trial.ask(connection, "HGETALL", "h")).toEqual(["a", "1", "b", "2"])
      expect(await trial.ask(connection, "MGET", "missing", "missing")).toEqual([null, null])
    })

    it.each([
      ["9007199254740991", 9007199254740991],
      ["9007199254740992", "9007199254740992"],
      ["9223372036854775807", "9223372036854775807"],
      ["-9007199254740991", -9007199254740991],
      ["-9223372036854775808", "-9223372036854775808"],
      ["0", 0],
    ])("gives the integer %s exactly", async (written, expected) => {
      const connection = await trial.connect()

      expect(await trial.ask(connection, "INCRBY", "n", written)).toBe(expected)
      expect(await ask(connection, ["INCRBY", "n", "0"], "bytes")).toBe(expected)
    })

    it("gives nested arrays, with errors and nulls in them as values", async () => {
      const connection = await trial.connect()
      const batch = trial.requests(
        "SET t text",
        "MULTI",
        "MGET t missing",
        "INCR t",
        "LRANGE none 0 -1",
        "EXEC",
      )

      connection.send(batch)

      const reply = await batch.at(-1)?.reply()
      expect(reply).toEqual([["text", null], expect.any(ReplyError), []])
    })

    it("gives null for a null array", async () => {
      const transport = trial.rig.open()
      const [one, other] = [await trial.connect(transport), await trial.connect(transport)]
      await trial.ask(one, "WATCH", "k")
      await trial.ask(other, "SET", "k", "changed")
      const batch = trial.requests("MULTI", "GET k", "EXEC")

      one.send(batch)

      expect(await batch.at(-1)?.reply()).toBeNull()
    })

    it("carries every byte, in keys and in values", async () => {
      const connection = await trial.connect()

      expect(await ask(connection, ["SET", EVERY_BYTE, EVERY_BYTE], "text")).toBe("OK")

      expect(await ask(connection, ["GET", EVERY_BYTE], "bytes")).toEqual(EVERY_BYTE)
      expect(await ask(connection, ["MGET", EVERY_BYTE, "missing"], "bytes")).toEqual([EVERY_BYTE, null])
    })

    it("carries a view into a larger buffer", async () => {
      const connection = await trial.connect()
      const middle = encoder.encode("-middle-").subarray(1, 7)

      expect(await ask(connection, ["ECHO", middle], "text")).toBe("middle")
    })

    it("gives bytes that stay as they are when more replies come", async () => {
      const connection = await trial.connect()
      const first = await ask(connection, ["ECHO", "x".repeat(1000)], "bytes")

      await ask(connection, ["ECHO", "y".repeat(1000)], "bytes")

      expect(first).toEqual(encoder.encode("x".repeat(1000)))
    })

    it.each(["", " ", "\r\n", "$5\r\nhello\r\n", "héllo wörld ✓ 🙂", "\0", "x".repeat(70_000)])(
      "carries the text %j",
      async (text) => {
        const connection = await trial.connect()
        await trial.ask(connection, "SET", `key ${text}`, text)

        expect(await trial.ask(connection, "GET", `key ${text}`)).toBe(text)
        expect(await ask(connection, ["GET", `key ${text}`], "bytes")).toEqual(encoder.encode(text))
      },
    )

    it("takes an empty key", async () => {
      const connection = await trial.connect()

      await trial.ask(connection, "SET", "", "")

      expect(await trial.ask(connection, "GET", "")).toBe("")
    })

    it("carries 5 MB there and back", async () => {
      const connection = await trial.connect()
      const large = "0123456789é".repeat((5 * MEGABYTE) / 12)

      await trial.ask(connection, "SET", "large", large)

      const reply = await trial.ask(connection, "GET", "large")
      expect(reply === large).toBe(true)
    })

    it("carries characters whole that lie across two reads", async () => {
      const connection = await trial.connect()
      const shifted = Array.from({ length: 4 }, (_, shift) => "-".repeat(shift) + "🙂".repeat(50_000))

      for (const text of shifted) {
        const reply = await trial.ask(connection, "ECHO", text)
        expect(reply === text).toBe(true)
      }
    })
  })

  describe("raw replies", () => {
    const raw = async (connection: Connection, ...args: Arg[]) => {
      const reply = await ask(connection, args, "raw")
      expect(reply).toBeInstanceOf(Uint8Array)
      return decoder.decode(reply instanceof Uint8Array ? reply : undefined)
    }

    it("are the reply's own bytes", async () => {
      const connection = await trial.connect()
      await trial.ask(connection, "HSET", "h", "field", "wörd")

      expect(await raw(connection, "GET", "missing")).toBe("$-1\r\n")
      expect(await raw(connection, "INCRBY", "n", "9223372036854775807")).toBe(":9223372036854775807\r\n")
      expect(await raw(connection, "HGETALL", "h")).toBe("*2\r\n$5\r\nfield\r\n$5\r\nwörd\r\n")
      expect(await raw(connection, "LRANGE", "missing", "0", "-1")).toBe("*0\r\n")
      expect(await raw(connection, "ECHO", "")).toBe("$0\r\n\r\n")
    })

    it("keep every byte", async () => {
      const connection = await trial.connect()

      const reply = await ask(connection, ["ECHO", EVERY_BYTE], "raw")

      expect(reply).toEqual(Uint8Array.from([...encoder.encode("$256\r\n"), ...EVERY_BYTE, 13, 10]))
    })

    it("tell a status from a bulk string, unless the rig says otherwise", async () => {
      const connection = await trial.connect()
      const status = trial.rig.rawIsExact ? "+OK\r\n" : "$2\r\nOK\r\n"

      expect(["+OK\r\n", status]).toContain(await raw(connection, "SET", "k", "v"))
      expect(await raw(connection, "ECHO", "OK")).toBe("$2\r\nOK\r\n")
    })

    it("hold nested errors as the server wrote them", async () => {
      const connection = await trial.connect()
      await trial.ask(connection, "SET", "t", "text")
      await trial.ask(connection, "MULTI")
      await trial.ask(connection, "INCR", "t")

      expect(await raw(connection, "EXEC")).toBe("*1\r\n-ERR value is not an integer or out of range\r\n")
    })

    it("do not change that an error rejects", async () => {
      const connection = await trial.connect()
      const request = trial.request(["ECHO"], "raw")

      connection.send([request])

      expect(await request.error()).toMatchObject({
        message: "ERR wrong number of arguments for 'echo' command",
      })
    })

    it("stand beside text and bytes in one batch", async () => {
      const connection = await trial.connect()
      const batch = (["text", "raw", "bytes"] as const).map((decode) => trial.request(["ECHO", "hi"], decode))

      connection.send(batch)

      const replies = await Promise.all(batch.map((request) => request.reply()))
      expect(replies).toEqual(["hi", encoder.encode("$2\r\nhi\r\n"), encoder.encode("hi")])
    })
  })
}
