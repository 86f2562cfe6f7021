import type { Connection } from "@warmpool/core"
import { Asked, ask, type Outcome } from "../ask.fixture.ts"
import { socketTransport } from "../workerd.ts"

/** What the tests ask of a Worker, by name; each gets a way to open a connection. */
const scenarios: Record<string, (open: (signal?: AbortSignal) => Promise<Connection>) => Promise<unknown>> = {
  async ask(open) {
    const connection = await open()
    const batch = [["SET", "k", "v"], ["GET", "k"], ["INCR", "n"], ["NOSUCH"]].map((args) => new Asked(args))
    connection.send(batch)
    const outcomes = await Promise.all(batch.map(({ settled }) => settled))
    await connection.close()
    return [...outcomes.map(inWords), inWords(await askLate(connection))]
  },

  async large(open) {
    const connection = await open()
    const value = "0123456789é".repeat(500_000)
    const drained = new Promise<void>((resolve) => connection.onWritable(resolve))
    const writing = ask(connection, "SET", "large", value)
    const backlog = connection.backlog
    await drained
    await writing
    const same = (await ask(connection, "GET", "large")) === value
    await connection.close()
    return { backlog, left: connection.backlog, same }
  },

  async killed(open) {
    const connection = await open()
    const reason = new Promise<Error>((resolve) => connection.onClose(resolve))
    await ask(connection, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
    const { message } = await reason
    await connection.close()
    return [message, inWords(await askLate(connection))]
  },

  async destroyed(open) {
    const connection = await open()
    const blocked = new Asked(["BLPOP", "nothing", "0"])
    connection.send([blocked])
    connection.destroy(new Error("given up"))
    await connection.close()
    return inWords(await blocked.settled)
  },

  async stuck(open) {
    const connection = await open()
    const large = Array.from({ length: 40 }, (_, n) => new Asked(["SET", `x${n}`, new Uint8Array(1_000_000)]))
    const behind = new Asked(["INCR", "behind"])
    const closed = new Promise<void>((resolve) => connection.onClose(() => resolve()))
    connection.send([...large, behind])
    connection.destroy(new Error("given up"))
    await closed
    await connection.close()
    return { fates: [inWords(await (large[0] as Asked).settled), inWords(await behind.settled)] }
  },

  async aborted(open) {
    const giveUp = new AbortController()
    const connecting = open(giveUp.signal)
    giveUp.abort(new Error("too slow"))
    return connecting.then(
      () => "open",
      (error: Error) => `${error.name}: ${error.message}`,
    )
  },

  async opened(open) {
    return open().then(
      (connection) => connection.close().then(() => "open"),
      (error: Error) => `${error.name}: ${error.message}`,
    )
  },
}

async function askLate(connection: Connection): Promise<Outcome> {
  const late = new Asked(["PING"])
  connection.send([late])
  return late.settled
}

function inWords(outcome: Outcome): unknown {
  if ("error" in outcome) return `${outcome.error.name}: ${outcome.error.message}`
  return "fate" in outcome ? `${outcome.fate}: ${outcome.cause.message}` : outcome.reply
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(request: Request): Promise<Response> {
    const { scenario = "", ...options } = Object.fromEntries(new URL(request.url).searchParams)
    const { port, password } = options
    const transport = socketTransport({ host: "127.0.0.1", port: Number(port), password })
    const run = scenarios[scenario]
    const never = new AbortController().signal
    return Response.json(await run?.((signal = never) => transport.connect({ signal })))
  },
}
