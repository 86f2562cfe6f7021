// A process that holds one client and does as its parent asks, one job at a time.
import { openClient } from "../clients/open-client.ts"
import { jobs } from "./jobs.ts"
import type { Birth, Order } from "./protocol.ts"

const birth = JSON.parse(process.argv[2] ?? "") as Birth
const client = await openClient(birth.client, birth.url)
const subject = { ...birth, client, name: birth.client }

async function obey({ id, job, details }: Order): Promise<void> {
  try {
    const run = jobs[job] as (subject: unknown, details: unknown) => unknown
    process.send?.({ id, result: await run(subject, details) })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
  }
}

// Whoever asked is gone.
process.on("disconnect", () => process.exit())
process.on("message", (order: Order) => void obey(order))
process.send?.({ ready: true })
