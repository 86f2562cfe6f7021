import { expect, vi } from "vitest"
import type { Arg, Connection, Decode, Reply, Request, Transaction, Transport } from "../transport.ts"
import { type Receipt, RequestReceipt, TransactionReceipt } from "./receipt.ts"
import type { Faults, Rig } from "./rig.ts"

/** The tests of one transport: what each opened and asked, so that all of it is checked and put away afterwards. */
export class Trial {
  #rig: Rig | undefined
  #connections: Connection[] = []
  #receipts: Pick<Receipt<unknown>, "outcomes">[] = []

  async start(startRig: () => Promise<Rig>): Promise<void> {
    this.#rig = await startRig()
  }

  async stop(): Promise<void> {
    await this.#rig?.close()
  }

  get rig(): Rig {
    if (!this.#rig) throw new Error("the rig has not started")
    return this.#rig
  }

  get faults(): Faults {
    return this.rig.faults
  }

  now(): number {
    return this.rig.now?.() ?? Date.now()
  }

  /** A connection that has answered once: nothing of its handshake is on the way any more. */
  async connect(transport: Transport = this.rig.open()): Promise<Connection> {
    const connection = await transport.connect({ signal: new AbortController().signal })
    this.#connections.push(connection)
    expect(await this.ask(connection, "PING")).toBe("PONG")
    return connection
  }

  request(args: readonly Arg[], decode?: Decode): RequestReceipt {
    const receipt = new RequestReceipt(args, decode)
    this.#receipts.push(receipt)
    return receipt
  }

  /** Text requests, one for each line of words. */
  requests(...lines: string[]): RequestReceipt[] {
    return lines.map((line) => this.request(line.split(" ")))
  }

  transaction(commands: readonly (readonly Arg[])[], decode?: Decode): TransactionReceipt {
    const receipt = new TransactionReceipt(commands, decode)
    this.#receipts.push(receipt)
    return receipt
  }

  /** Sends one command by itself and gives its reply. */
  ask(connection: Connection, ...args: Arg[]): Promise<Reply> {
    const request = this.request(args)
    connection.send([request])
    return request.reply()
  }

  /** Sends, and comes back when the kernel has taken all of it. */
  async write(connection: Connection, batch: readonly (Request | Transaction)[]): Promise<void> {
    connection.send(batch)
    await this.until(() => expect(connection.backlog).toBe(0))
  }

  /** Resolves with the reason when the connection ends. */
  end(connection: Connection): Promise<Error> {
    return new Promise((resolve) => connection.onClose(resolve))
  }

  /** Waits for something that no event tells. */
  until(condition: () => void): Promise<void> {
    return vi.waitFor(condition, { interval: 2, timeout: 4_000 })
  }

  /** Before each test: no fault is on and no key is left. */
  async begin(): Promise<void> {
    await this.rig.command("FLUSHALL")
  }

  /** Puts everything away; whatever happened, each request was settled once and no connection is left. */
  async finish(): Promise<void> {
    const connections = this.#connections.splice(0)
    const receipts = this.#receipts.splice(0)
    for (const connection of connections) connection.destroy(new Error("the test is over"))
    await this.faults.heal()
    await this.faults.reset()
    await this.until(() => expect(this.faults.counts.open).toBe(0))
    for (const { outcomes } of receipts) expect(outcomes).toHaveLength(1)
    for (const { owed } of connections) expect(owed).toBe(0)
  }
}
