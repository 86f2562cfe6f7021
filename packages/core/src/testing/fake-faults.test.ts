import { beforeEach, describe, expect, it } from "vitest"
import { ConnectionError, ReplyError } from "../errors.ts"
import type { Arg, Connection } from "../transport.ts"
import { FakeTransport } from "./fake-transport.ts"
import { RequestReceipt, TransactionReceipt } from "./receipt.ts"

let transport: FakeTransport

beforeEach(() => {
  transport = new FakeTransport()
})

const connect = (signal = new AbortController().signal) => transport.connect({ signal })

function send(connection: Connection, ...commands: string[]): RequestReceipt[] {
  const batch = commands.map((command) => new RequestReceipt(command.split(" ")))
  connection.send(batch)
  return batch
}

const ask = (connection: Connection, ...args: Arg[]) => {
  const request = new RequestReceipt(args)
  connection.send([request])
  return request.reply()
}

describe("replies of a fake transport", () => {
  it("come later, never inside send", async () => {
    const connection = await connect()

    const [request] = send(connection, "PING")

    expect(request?.outcomes).toEqual([])
    expect(await request?.reply()).toBe("PONG")
  })

  it("are held back until release, although the commands run", async () => {
    const [one, other] = [await connect(), await connect()]
    transport.hold()
    const batch = [...send(one, "INCR n", "INCR n"), ...send(other, "INCR n")]
    await transport.host.settle()
    expect(batch.map(({ outcomes }) => outcomes.length)).toEqual([0, 0, 0])

    transport.release()

    expect(await Promise.all(batch.map((request) => request.reply()))).toEqual([1, 2, 3])
  })

  it("take the latency of the host's clock, and keep their order when it falls", async () => {
    const connection = await connect()
    transport.setLatency(10)
    const [slow] = send(connection, "ECHO slow")
    transport.setLatency(1)
    const [quick] = send(connection, "ECHO quick")

    await transport.host.advance(9)
    expect([slow?.outcomes, quick?.outcomes]).toEqual([[], []])

    await transport.host.advance(1)
    expect(await Promise.all([slow?.reply(), quick?.reply()])).toEqual(["slow", "quick"])
    expect(connection.lastByteAt).toBe(transport.host.now())
  })

  it("lie in the kernel during a freeze and come after the overdue timers", async () => {
    const connection = await connect()
    const log: string[] = []
    transport.setLatency(5)
    const [request] = send(connection, "PING")
    request?.onSettled(() => log.push("reply"))
    transport.host.after(1_000, () => log.push("deadline"))

    await transport.host.freeze(2_000)

    expect(log).toEqual(["deadline", "reply"])
  })

  it("trickle in over several turns, while received grows", async () => {
    const connection = await connect()
    await transport.host.settle()
    transport.trickle(4)
    const [request] = send(connection, `ECHO ${"x".repeat(100)}`)
    const received: number[] = []

    while (request?.outcomes.length === 0) {
      await transport.host.turn()
      received.push(connection.received)
    }

    expect(received).toEqual([27, 54, 81, 108])
  })

  it("trickle in over time", async () => {
    const connection = await connect()
    transport.trickle(3, 5)
    const [request] = send(connection, "PING")

    await transport.host.advance(9)
    expect([connection.received, request?.outcomes]).toEqual([4, []])

    await transport.host.advance(1)
    expect(await request?.reply()).toBe("PONG")
  })

  it("are scripted: the command does not run", async () => {
    const connection = await connect()
    transport.answerNext(new ReplyError("READONLY You can't write against a read only replica."))
    transport.answerNext(["scripted", null, 7])
    const [refused, scripted, real] = send(connection, "INCR n", "INCR n", "INCR n")

    expect(await refused?.error()).toMatchObject({ kind: "READONLY", fate: "refused" })
    expect(await scripted?.reply()).toEqual(["scripted", null, 7])
    expect(await real?.reply()).toBe(1)
  })

  it("are scripted for a whole transaction", async () => {
    const connection = await connect()
    const transaction = new TransactionReceipt([["INCR", "n"]])
    transport.answerNext(new ReplyError("LOADING Redis is loading the dataset in memory"))

    connection.send([transaction])

    expect(await transaction.error()).toMatchObject({ kind: "LOADING" })
  })
})

describe("faults of a fake transport", () => {
  it("silence the connections of now for good; the next one answers", async () => {
    const connection = await connect()
    transport.silence()
    const [request] = send(connection, "INCR n")

    const next = await connect()

    expect(await ask(next, "GET", "n")).toBeNull()
    expect(request?.outcomes).toEqual([])
    expect(transport.connections.map(({ id, state }) => [id, state])).toEqual([
      [1, "open"],
      [2, "open"],
    ])
  })

  it("stall: a connect hangs until its signal aborts", async () => {
    const giveUp = new AbortController()
    transport.stall()
    const connecting = connect(giveUp.signal)
    await transport.host.settle()
    expect(transport.connecting).toBe(1)

    giveUp.abort(new Error("too slow"))

    await expect(connecting).rejects.toMatchObject({ code: "ERR_CONNECTION", cause: giveUp.signal.reason })
    expect([transport.connecting, transport.connections.length, transport.attempts]).toEqual([0, 0, 1])
  })

  it("stall: a connect goes on when the server accepts again", async () => {
    transport.stall()
    const connecting = connect()
    await transport.host.settle()

    transport.accept()

    expect(await ask(await connecting, "PING")).toBe("PONG")
  })

  it("stall: a connection opens and never answers", async () => {
    transport.stall("accepting")
    const [request] = send(await connect(), "PING")

    await transport.host.advance(60_000)

    expect(request?.outcomes).toEqual([])
  })

  it("cut: the client does not know before its next input, and loses what it writes until then", async () => {
    const connection = await connect()
    transport.cut()
    const [request] = send(connection, "INCR n")

    await transport.host.settle()

    expect(await request?.fate()).toBe("unknown")
    expect(await ask(await connect(), "GET", "n")).toBeNull()
  })

  it("cut: replies on the way are lost although their commands ran", async () => {
    const connection = await connect()
    transport.hold()
    const [request] = send(connection, "INCR n")
    const reason = new Error("gone")

    transport.cut(reason)

    expect(await request?.settled).toEqual({ kind: "lost", fate: "unknown", cause: reason })
    transport.release()
    expect(await ask(await connect(), "GET", "n")).toBe("1")
  })

  it("cut: a connect that hangs fails", async () => {
    transport.hang()
    const connecting = connect()
    await transport.host.settle()

    transport.cut()

    await expect(connecting).rejects.toBeInstanceOf(ConnectionError)
    expect(transport.connecting).toBe(0)
  })

  it("refuse connects with the given error, until accept", async () => {
    transport.refuse()
    await expect(connect()).rejects.toBeInstanceOf(ConnectionError)
    const refusal = new ReplyError("WRONGPASS invalid username-password pair or user is disabled.")
    transport.refuseHandshake(refusal)
    await expect(connect()).rejects.toBe(refusal)

    transport.accept()

    expect(await ask(await connect(), "PING")).toBe("PONG")
    expect(transport.attempts).toBe(3)
  })

  it("lose the reply of the nth command, which ran; the rest did not", async () => {
    const connection = await connect()
    transport.loseReplyOf(2)

    const batch = send(connection, "INCR n", "INCR n", "INCR n")

    const outcomes = await Promise.all(batch.map((request) => request.settled))
    expect(outcomes).toMatchObject([{ reply: 1 }, { fate: "unknown" }, { fate: "unknown" }])
    expect(await ask(await connect(), "GET", "n")).toBe("2")
  })

  it("lose the reply of the nth command and everything after it in silence", async () => {
    const connection = await connect()
    transport.loseReplyOf(1, "silence")

    const batch = send(connection, "INCR n", "INCR n")
    await transport.host.advance(60_000)

    expect(batch.map(({ outcomes }) => outcomes)).toEqual([[], []])
    expect(transport.open).toHaveLength(1)
    expect(await ask(await connect(), "GET", "n")).toBe("1")
  })

  it("cut after so many replies", async () => {
    const connection = await connect()
    transport.cutAfter(2)

    const batch = send(connection, "INCR n", "INCR n", "INCR n")

    const outcomes = await Promise.all(batch.map((request) => request.settled))
    expect(outcomes).toMatchObject([{ reply: 1 }, { reply: 2 }, { fate: "unknown" }])
    expect(await ask(await connect(), "GET", "n")).toBe("2")
  })

  it("fill the backlog: what is sent then is unsent when the connection goes", async () => {
    const connection = await connect()
    transport.fillBacklog(1_000)
    const [request] = send(connection, "INCR n")
    expect(connection.backlog).toBe(1_000 + "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n".length)

    transport.cut()

    expect(await request?.fate()).toBe("unsent")
    expect(await ask(await connect(), "GET", "n")).toBeNull()
  })

  it("drain the backlog: what waited is written, and onWritable fires", async () => {
    const connection = await connect()
    const backlogs: number[] = []
    connection.onWritable(() => backlogs.push(connection.backlog))
    transport.fillBacklog(1_000)
    const [request] = send(connection, "INCR n")

    transport.drainBacklog()

    expect(backlogs).toEqual([0])
    expect(await request?.reply()).toBe(1)
  })
})

describe("what a fake transport records", () => {
  it("is every connection, and every batch sent over it", async () => {
    const [one, other] = [await connect(), await connect()]

    send(one, "SET k v", "GET k")
    send(one, "PING")
    other.send([new TransactionReceipt([["INCR", "n"]])])

    expect(transport.connections.map(({ id }) => id)).toEqual([1, 2])
    expect(transport.connections.map(({ sent }) => sent)).toEqual([
      [
        [
          ["SET", "k", "v"],
          ["GET", "k"],
        ],
        [["PING"]],
      ],
      [[["MULTI"], ["INCR", "n"], ["EXEC"]]],
    ])
    expect(transport.commands).toHaveLength(6)
  })

  it("is what is open now", async () => {
    const [one, other] = [await connect(), await connect()]

    await one.close()

    expect(transport.open).toEqual([other])
    expect(transport.connections[0]?.state).toBe("closed")
  })
})
