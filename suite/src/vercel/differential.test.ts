import { type LocalEdge, startEdge } from "@warmpool/local"
import { createRedis, type Redis } from "@warmpool/vercel/node"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compareWay } from "../differential/compare.ts"
import { PATIENT, usePair } from "../differential/pair.ts"
import { platformWays } from "../differential/platform-ways.ts"
import type { Script } from "../differential/script.ts"
import { ordinary } from "../differential/tables/index.ts"
import type { Way } from "../differential/ways.ts"
import { GATEWAY_TOKEN, overGateway, transports } from "../transports.ts"
import { hear, tell } from "./carried.ts"
import { bundleForEdge } from "./edge-bundle.ts"

const [socket] = transports
const [gateway] = overGateway
if (socket === undefined || gateway === undefined) throw new Error("a transport is missing")

describe.each([
  ["TCP", socket, (url: string) => ({ url })],
  ["HTTP", gateway, (url: string) => ({ url, token: GATEWAY_TOKEN })],
])("the Node entry over %s", (_name, transport, optionsOf) => {
  const pair = usePair(transport)
  let redis: Redis

  beforeAll(() => {
    redis = createRedis({ ...PATIENT, ...optionsOf(pair.url), validateAfterMs: Number.POSITIVE_INFINITY })
  })

  afterAll(() => redis.close())

  describe.each(platformWays)("$name", (way) => {
    it.each(ordinary)("answers as ioredis does: $title", async (script) => {
      const ground = {
        empty: () => pair.empty(),
        digest: () => pair.digest(),
        ours: redis,
        theirs: pair.theirs,
      }

      const { ours, theirs } = await compareWay(ground, script, way)

      expect(ours).toEqual(theirs)
    })
  })
})

describe("the Edge entry inside edge-runtime", () => {
  const pair = usePair(gateway)
  /** Stands for the client there. */
  const ours = {}
  let edge: LocalEdge

  beforeAll(async () => {
    const { text } = await bundleForEdge("./edge.fixture.ts")
    const env = { KV_REST_API_URL: pair.url, KV_REST_API_TOKEN: GATEWAY_TOKEN }
    edge = await startEdge({ source: text, env })
  })

  afterAll(() => edge?.close())

  async function runThere(way: string, script: Script): Promise<readonly unknown[]> {
    const response = await fetch(edge.url, { method: "POST", body: JSON.stringify(tell({ way, script })) })
    if (response.status !== 200) throw new Error(`${response.status}: ${edge.output}`)
    return hear(await response.json()) as unknown[]
  }

  describe.each(platformWays)("$name", (way) => {
    const there: Way = {
      name: way.name,
      run: (client, script) => (client === ours ? runThere(way.name, script) : way.run(client, script)),
    }

    it.each(ordinary)("answers as ioredis does: $title", async (script) => {
      const ground = { empty: () => pair.empty(), digest: () => pair.digest(), ours, theirs: pair.theirs }

      const accounts = await compareWay(ground, script, there)

      expect(accounts.ours).toEqual(accounts.theirs)
    })
  })
})
