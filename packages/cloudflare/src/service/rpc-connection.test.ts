import { ConnectionError, type Decode, type Reply, type Request, type Transaction } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { NO_ANSWER } from "./flight.ts"
import { type Peer, RpcConnection } from "./rpc-connection.ts"
import type { WireAnswer, WireBatch } from "./wire.ts"

/** One command or transaction, and what came of it, in words. */
class Asked {
  readonly outcomes: string[] = []
  readonly decode: Decode
  readonly deadline: number | undefined

  constructor(decode: Decode = "text", deadline?: number) {
    this.decode = decode
    this.deadline = deadline
  }

  resolve(reply: unknown): void {
    this.outcomes.push(`reply ${JSON.stringify(reply)}`)
  }
  reject(error: Error): void {
    this.outcomes.push(`${error.name}: ${error.message}`)
  }
  lose(fate: string, cause: Error): void {
    this.outcomes.push(`${fate}: ${cause.message}`)
  }
}

class Command extends Asked implements Request {
  readonly args: readonly string[]
  constructor(args: readonly string[], decode?: Decode, deadline?: number) {
    super(decode, deadline)
    this.args = args
  }
}

class Atomic extends Asked implements Transaction {
  readonly commands: readonly (readonly string[])[]
  constructor(commands: readonly (readonly string[])[]) {
    super()
    this.commands = commands
  }
  override resolve(replies: readonly Reply[] | null): void {
    super.resolve(replies)
  }
}

/** A pool that answers when it is told to. */
class FakePool implements Peer {
  readonly batches: WireBatch[] = []
  readonly #calls: { resolve(answer: WireAnswer): void; reject(error: unknown): void }[] = []

  exchange(batch: WireBatch): Promise<WireAnswer> {
    this.batches.push(structuredClone(batch))
    return new Promise((resolve, reject) => this.#calls.push({ resolve, reject }))
  }

  async answer(answer: WireAnswer): Promise<void> {
    this.#calls.shift()?.resolve(structuredClone(answer))
    await turn()
  }

  async fail(error: unknown): Promise<void> {
    this.#calls.shift()?.reject(error)
    await turn()
  }
}

class FakeSession extends FakePool {
  disposed = 0
  dispose(): void {
    this.disposed += 1
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const NOW = 1_000
const connected = (pool: Peer): RpcConnection => new RpcConnection(pool, () => NOW)

describe("a connection by calls", () => {
  it("carries the commands of one send in one call, each with its own outcome", async () => {
    const pool = new FakePool()
    const connection = connected(pool)
    const commands = [
      new Command(["GET", "k"]),
      new Command(["INCR", "k"]),
      new Command(["GET", "b"], "bytes"),
    ]

    connection.send(commands)
    expect(connection.owed).toBe(3)
    await pool.answer(["v", { name: "ReplyError", message: "ERR not an integer" }, Uint8Array.of(1)])

    expect(pool.batches).toEqual([
      {
        sent: [
          ["text", ["GET", "k"]],
          ["text", ["INCR", "k"]],
          ["bytes", ["GET", "b"]],
        ],
        patienceMs: Number.POSITIVE_INFINITY,
      },
    ])
    expect(commands.map(({ outcomes }) => outcomes)).toEqual([
      ['reply "v"'],
      ["ReplyError: ERR not an integer"],
      ['reply {"0":1}'],
    ])
    expect([connection.owed, connection.received]).toEqual([0, 1])
  })

  it("carries a transaction in its place", async () => {
    const pool = new FakePool()
    const before = new Command(["GET", "k"])
    const commands = [
      ["INCR", "n"],
      ["INCR", "n"],
    ]
    const [atomic, vain] = [new Atomic(commands), new Atomic([])]

    connected(pool).send([before, atomic, vain])
    await pool.answer(["v", [1, 2], null])

    expect(pool.batches[0]?.sent).toEqual([
      ["text", ["GET", "k"]],
      ["text", commands],
      ["text", []],
    ])
    expect([before, atomic, vain].flatMap(({ outcomes }) => outcomes)).toEqual([
      'reply "v"',
      "reply [1,2]",
      "reply null",
    ])
  })

  it("tells the pool how long the most patient caller waits", () => {
    const pool = new FakePool()

    connected(pool).send([
      new Command(["GET", "k"], "text", NOW + 100),
      new Command(["GET", "k"], "text", NOW + 1_000),
    ])
    connected(pool).send([new Command(["BLPOP", "k", "0"], "text", Number.POSITIVE_INFINITY)])

    expect(pool.batches.map(({ patienceMs }) => patienceMs)).toEqual([1_000, Number.POSITIVE_INFINITY])
  })

  it.each<[string, WireAnswer, string]>([
    ["what the pool never sent", [{ name: "TimeoutError", message: "late", fate: "unsent" }], "unsent: late"],
    [
      "what may have run",
      [{ name: "OutcomeUnknownError", message: "sent", fate: "unknown" }],
      "unknown: sent",
    ],
    ["a refusal of the whole", { name: "ConfigError", message: "no secret" }, "ConfigError: no secret"],
    ["an answer that is too short", [], `unknown: ${NO_ANSWER}`],
  ])("tells %s", async (_, answer, outcome) => {
    const pool = new FakePool()
    const command = new Command(["INCR", "n"])

    connected(pool).send([command])
    await pool.answer(answer)

    expect(command.outcomes).toEqual([outcome])
  })

  it.each<[string, Error, string]>([
    [
      "lost",
      new Error("Network connection lost."),
      "unknown: the call to the pool failed: Network connection lost.",
    ],
    [
      "larger than one may be",
      new Error("Serialized RPC arguments or return values are limited to 32MiB, but …"),
      "ArgumentError: the commands of one call to the pool take more than 32 MiB: send less at once",
    ],
    [
      "answered with more than one may",
      Object.assign(new Error("… limited to 32MiB"), { remote: true }),
      "unknown: the call to the pool failed: … limited to 32MiB",
    ],
  ])("knows what became of a call that is %s", async (_, error, outcome) => {
    const pool = new FakePool()
    const command = new Command(["INCR", "n"])

    connected(pool).send([command])
    await pool.fail(error)

    expect(command.outcomes).toEqual([outcome])
  })

  it("loses what everybody gave up, and drops the answer that comes later", async () => {
    const pool = new FakePool()
    const giveUp = new AbortController()
    const command = new Command(["INCR", "n"])

    connected(pool).send([command], giveUp.signal)
    giveUp.abort()
    await pool.answer([1])

    expect(command.outcomes).toEqual(["unknown: every caller gave up"])
  })

  it("closes after the last answer, and takes nothing more", async () => {
    const pool = new FakeSession()
    const connection = connected(pool)
    const [command, late] = [new Command(["GET", "k"]), new Command(["GET", "k"])]
    const reasons: string[] = []
    connection.onClose(({ message }) => reasons.push(message))

    connection.send([command])
    const closed = connection.close()
    connection.send([late])
    expect(pool.disposed).toBe(0)
    await pool.answer(["v"])
    await closed
    await connection.close()

    expect([command.outcomes, late.outcomes]).toEqual([['reply "v"'], ["unsent: the connection was closed"]])
    expect([pool.disposed, reasons]).toEqual([1, ["the connection was closed"]])
  })

  it("ends a session whose call is lost: all that is owed is lost, oldest first, then it closes", async () => {
    const pool = new FakeSession()
    const connection = connected(pool)
    const order: string[] = []
    const commands = [new Command(["GET", "1"]), new Command(["GET", "2"])]
    for (const command of commands) command.lose = () => order.push(command.args[1] ?? "")
    connection.onClose(() => order.push("closed"))

    for (const command of commands) connection.send([command])
    await pool.fail(new Error("the object was reset"))

    expect(order).toEqual(["1", "2", "closed"])
    expect(pool.disposed).toBe(1)
  })

  it("is destroyed at once", () => {
    const pool = new FakeSession()
    const connection = connected(pool)
    const command = new Command(["INCR", "n"])
    connection.send([command])
    const seen: unknown[] = []
    connection.each((owed) => seen.push(owed))

    connection.destroy(new ConnectionError("given up"))

    expect(seen).toEqual([command])
    expect([command.outcomes, pool.disposed, connection.owed]).toEqual([["unknown: given up"], 1, 0])
  })
})
