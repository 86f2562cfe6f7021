import type { Decode, Request } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import type { Heard, Listening, Opened, PoolService } from "./service.ts"
import { openSession } from "./session-connection.ts"

/** A pool that listens to anything, and counts what still does. */
class ListeningPool {
  readonly asked: Listening[] = []
  ended: string[] = []

  async listen(_shard: number, listening: Listening): Promise<Heard> {
    this.asked.push(listening)
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const end = (): void => {
      this.ended.push(listening.names.join())
      void writable.close().catch(() => undefined)
    }
    // As the runtime has it: to let go of a part is not enough.
    const heard = { lines: readable, leash: { [Symbol.dispose]: () => undefined }, [Symbol.dispose]: end }
    return heard
  }
}

/** A pool whose object is gone whenever a lease is asked for, so many times. */
class LostPool {
  asked = 0
  readonly #times: number

  constructor(times: number) {
    this.#times = times
  }

  async open(): Promise<Opened> {
    this.asked += 1
    if (this.asked <= this.#times) throw new Error("the object was reset")
    const nothing = { [Symbol.dispose]: () => undefined }
    return { session: { exchange: async ({ sent }) => sent.map(() => "OK") }, leash: nothing }
  }
}

/** One command, and what came of it. */
class Command implements Request {
  readonly decode: Decode = "text"
  readonly args: readonly string[]
  readonly settled: Promise<unknown>
  deadline = Date.now() + 60_000
  resolve: (reply: unknown) => void = () => undefined

  constructor(...args: readonly string[]) {
    this.args = args
    this.settled = new Promise((resolve) => {
      this.resolve = resolve
    })
  }
  reject(error: Error): void {
    this.resolve(error)
  }
  lose(fate: string, cause: Error): void {
    this.resolve(`${fate}: ${cause.message}`)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe("subscriptions through the pool", () => {
  it("end once each, with their last channel, and are forgotten then", async () => {
    const pool = new ListeningPool()
    const connection = openSession(pool as unknown as PoolService, 0, () => 0)
    const send = async (...args: string[]): Promise<unknown> => {
      const command = new Command(...args)
      connection.send([command])
      return command.settled
    }

    for (const channel of ["a", "b", "c"]) expect(await send("SUBSCRIBE", channel)).toBe(null)
    for (const channel of ["a", "b"]) expect(await send("UNSUBSCRIBE", channel)).toBe(null)
    await turn()
    connection.destroy(new Error("over"))

    expect(pool.asked.map(({ names }) => names)).toEqual([["a"], ["b"], ["c"]])
    expect(pool.ended).toEqual(["a", "b", "c"])
  })
})

describe("a lease whose pool is lost before it is there", () => {
  const opened = (pool: LostPool) => openSession(pool as unknown as PoolService, 0, Date.now)

  it("is asked for again: nothing of it was sent", async () => {
    const pool = new LostPool(3)
    const command = new Command("SET", "k", "v")

    opened(pool).send([command])

    expect(await command.settled).toBe("OK")
    expect(pool.asked).toBe(4)
  })

  it("leaves commands unsent once their time is up", async () => {
    const commands = [new Command("SET", "k", "v"), new Command("SET", "l", "v")]
    const connection = opened(new LostPool(Number.POSITIVE_INFINITY))

    for (const command of commands) {
      command.deadline = Date.now() + 60
      connection.send([command])
    }

    const unsent = "unsent: the call to the pool failed: the object was reset"
    expect(await Promise.all(commands.map(({ settled }) => settled))).toEqual([unsent, unsent])
  })

  it("is not asked for any more once it was given up", async () => {
    const pool = new LostPool(Number.POSITIVE_INFINITY)
    const connection = opened(pool)
    connection.send([new Command("SET", "k", "v")])
    await turn()

    connection.destroy(new Error("given up"))
    const before = pool.asked
    await new Promise((resolve) => setTimeout(resolve, 200))

    expect(pool.asked).toBe(before)
  })
})
