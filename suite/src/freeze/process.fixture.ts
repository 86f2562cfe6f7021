import { createRedis } from "@warmpool/core"
import { Redis as Ioredis } from "ioredis"
import { transports } from "../transports.ts"
import type { Birth, Order, Outcome, Report } from "./protocol.ts"

const birth = JSON.parse(process.argv[2] ?? "") as Birth
const client = makeClient(birth)

interface Callable {
  call(name: string, ...args: readonly string[]): Promise<unknown>
  with?(options: { timeoutMs: number }): Callable
  stats?(): unknown
}

function makeClient({ client, url, options }: Birth): Callable {
  if (client === "ioredis defaults") {
    const ioredis = new Ioredis(url)
    ioredis.on("error", () => undefined)
    return { call: (name, ...args) => ioredis.call(name, ...args) }
  }
  const transport = transports.find(({ name }) => name === client)
  if (!transport) throw new Error(`no transport is called ${client}`)
  return createRedis({ ...options, transport: transport.open(url) })
}

function report(message: Report): void {
  process.send?.(message)
}

async function obey({ id, name, args, timeoutMs }: Order): Promise<Outcome> {
  const startedAt = performance.now()
  const lane = timeoutMs === undefined ? client : client.with?.({ timeoutMs })
  try {
    const reply = await lane?.call(name, ...args)
    const short = typeof reply === "string" && reply.length > 100 ? reply.length : reply
    return { id, reply: short, ms: performance.now() - startedAt }
  } catch (thrown) {
    const error = thrown as Error & { fate?: string }
    const { name, message, fate } = error
    return { id, error: { name, message, fate }, ms: performance.now() - startedAt }
  }
}

process.on("message", (order: Order | "stats") => {
  if (order === "stats") {
    report({ stats: client.stats?.() })
    return
  }
  void obey(order).then((outcome) => report({ outcome }))
  setImmediate(() => setImmediate(() => report({ written: order.id })))
})

report({ ready: true })
