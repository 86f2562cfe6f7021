import { fileURLToPath } from "node:url"
import { type LocalFluid, startEdge, startFluid } from "@warmpool/local"
import { build } from "esbuild"
import { type Act, ownPrefix, progress, type Stage } from "../act.ts"
import { startGateway } from "../gateway.ts"
import { isRight, REQUEST_ROWS, type Requests } from "../requests.ts"
import { type Row, table, timeRows } from "../table.ts"

/** Requests at once in one instance. */
const AT_ONCE = 10
/** Every so many rounds the server closes all connections while the instances stand still. */
const KILL_EVERY = 4
const EDGE_REQUESTS = 100

interface Result extends Requests {
  /** Connections that stood while the instance was suspended, at the most. */
  readonly left: number
}

const ROWS: readonly Row<Result>[] = [
  ...REQUEST_ROWS,
  ["connections left open by a suspended instance", ({ left }) => String(left)],
  ...timeRows<Result>("time of the first requests after a suspension", ({ times }) => times),
]

export const vercel: Act = {
  title:
    `Vercel functions under Fluid compute: ${AT_ONCE} requests at once in one instance, which is suspended when they are done;\n` +
    `every ${KILL_EVERY}th time the server closes its connections meanwhile.`,
  async run(stage) {
    const results = new Map([
      ["warmpool", await suspend(stage, "ours.ts")],
      ["ioredis, a client per instance", await suspend(stage, "naive.ts")],
    ])
    const ours = results.get("warmpool")
    const edge = await atTheEdge(stage)
    const isWarm = ours && isRight(ours) && ours.left === 0
    const flaw = isWarm && edge === EDGE_REQUESTS ? undefined : "A warm function failed, or counted wrongly"
    return {
      text: `${table(ROWS, results)}\n\nIn the Edge runtime, over HTTP: ${edge} of ${EDGE_REQUESTS} requests counted.`,
      flaw,
    }
  },
}

async function suspend({ server, rounds, signal }: Stage, file: string): Promise<Result> {
  const keyPrefix = `${ownPrefix()}${file}:`
  const before = await server.connections()
  const standing = await server.standing()
  await using fluid = await startFluid({
    handler: new URL(file, import.meta.url),
    env: { REDIS_URL: server.url, KEY_PREFIX: keyPrefix },
  })
  const times: number[] = []
  let left = 0
  for (let round = 1; round <= rounds; round += 1) {
    times.push(...(await askAtOnce(fluid)))
    await fluid.until("suspended")
    left = Math.max(left, (await server.standing()) - standing)
    if (round % KILL_EVERY === 0) await server.kill()
    signal.throwIfAborted()
    progress("requests", round * AT_ONCE, rounds * AT_ONCE)
  }
  const counted = await server.read(`${keyPrefix}visits`)
  await server.remove(`${keyPrefix}visits`)
  const requests = rounds * AT_ONCE
  const connections = (await server.connections()) - before
  return { requests, failed: requests - times.length, counted, connections, left, times }
}

/** How long the requests took that were answered, ms. */
async function askAtOnce({ url }: LocalFluid): Promise<readonly number[]> {
  const asked = Array.from({ length: AT_ONCE }, async () => {
    const startedAt = performance.now()
    const response = await fetch(url)
    await response.text()
    return response.ok ? performance.now() - startedAt : undefined
  })
  return (await Promise.all(asked)).filter((ms) => ms !== undefined)
}

/** The same function in the Edge runtime; gives what Redis counted. */
async function atTheEdge({ server }: Stage): Promise<number> {
  const keyPrefix = `${ownPrefix()}edge:`
  await using gateway = await startGateway(server)
  await using edge = await startEdge({
    source: await bundleForTheEdge("ours.ts"),
    env: { KV_REST_API_URL: gateway.url, KV_REST_API_TOKEN: gateway.token, KEY_PREFIX: keyPrefix },
  })
  const asked = Array.from({ length: EDGE_REQUESTS }, async () => (await fetch(edge.url)).ok)
  await Promise.all(asked)
  const counted = await server.read(`${keyPrefix}visits`)
  await server.remove(`${keyPrefix}visits`)
  return counted
}

async function bundleForTheEdge(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "cjs",
    target: "es2022",
    conditions: ["edge-light"],
    mainFields: ["module", "main"],
    logLevel: "error",
  })
  return outputFiles[0]?.text ?? ""
}
