import type { Decode, Request } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import type { Heard, Listening, PoolService } from "./service.ts"
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
    return { lines: readable, leash: { [Symbol.dispose]: end } }
  }
}

/** One command, and whether it was answered. */
class Command implements Request {
  readonly decode: Decode = "text"
  readonly args: readonly string[]
  readonly settled: Promise<unknown>
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
  lose(_fate: string, cause: Error): void {
    this.resolve(cause)
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
