import { Miniflare } from "miniflare"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compare, compareWay } from "../differential/compare.ts"
import { type Pair, usePair } from "../differential/pair.ts"
import { platformWays } from "../differential/platform-ways.ts"
import type { Script } from "../differential/script.ts"
import { blocking } from "../differential/tables/blocking.ts"
import { connectionBound } from "../differential/tables/connection-bound.ts"
import { ordinary } from "../differential/tables/index.ts"
import { bytesOneByOne, type Way as Sending, textOneByOne, ways } from "../differential/ways.ts"
import { GATEWAY_TOKEN, overGateway, transports } from "../transports.ts"
import { hear, tell } from "../vercel/carried.ts"
import type { Errand } from "./differential.fixture.ts"
import { BOUND, bundle, DIRECT, directUrl, POOL, poolWorker, WAYS, type Way, worker } from "./rig.ts"

const PATIENT = { commandTimeoutMs: 10_000, acquireTimeoutMs: 10_000, connectTimeoutMs: 10_000 }
/** Stands for the client in the Worker. */
const OURS = {}

/** A Worker with one way to the server of a pair, which runs scripts there. */
class Remote {
  readonly #runtime: Miniflare
  readonly #url: URL

  private constructor(runtime: Miniflare, url: URL) {
    this.#runtime = runtime
    this.#url = url
  }

  static async start(way: Way, pair: Pair): Promise<Remote> {
    const bindings = {
      http: { KV_REST_API_URL: pair.url, KV_REST_API_TOKEN: GATEWAY_TOKEN },
      tcp: { REDIS_URL: pair.server.url },
      binding: {},
    }[way]
    const services = way === "binding" ? { serviceBindings: BOUND } : {}
    const app = worker("app", await bundle("differential.fixture.ts"), { ...DIRECT, ...services, bindings })
    const pool = poolWorker(await bundle(POOL), { REDIS_URL: pair.server.url, REDIS_POOL_OPTIONS: PATIENT })
    const runtime = new Miniflare({ workers: way === "binding" ? [app, pool] : [app] })
    return new Remote(runtime, await directUrl(runtime))
  }

  async run(errand: Errand): Promise<readonly unknown[]> {
    const response = await fetch(this.#url, { method: "POST", body: JSON.stringify(tell(errand)) })
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return hear(JSON.parse(await response.text())) as unknown[]
  }

  close(): Promise<void> {
    return this.#runtime.dispose()
  }
}

function frontOf(way: Way) {
  const found = way === "http" ? overGateway[0] : transports[0]
  if (found === undefined) throw new Error("a transport is missing")
  return found
}

/** Only here are commands sent through the binding. */
const waysOver = (way: Way): readonly Sending[] => (way === "binding" ? ways : platformWays)

describe.each(WAYS)("a Worker over %s", (way) => {
  const pair = usePair(frontOf(way))
  let remote: Remote

  beforeAll(async () => {
    remote = await Remote.start(way, pair)
  })
  afterAll(() => remote?.close())

  const there = ({ name, run }: Sending): Sending => ({
    name,
    run: (client, script) =>
      client === OURS ? remote.run({ way: name, script, on: "client" }) : run(client, script),
  })

  describe.each(waysOver(way))("$name", (sending) => {
    it.each(ordinary)("answers as ioredis does: $title", async (script) => {
      const ground = {
        empty: () => pair.empty(),
        digest: () => pair.digest(),
        ours: OURS,
        theirs: pair.theirs,
      }

      const { ours, theirs } = await compareWay(ground, script, there(sending))

      expect(ours).toEqual(theirs)
    })
  })

  const leasing = way === "http" ? [] : [textOneByOne, bytesOneByOne]

  describe.each(leasing)("$name", (sending) => {
    const compareOn = (on: Errand["on"], script: Script) =>
      compare(pair, script, {
        ours: () => remote.run({ way: sending.name, script, on }),
        theirs: () => sending.run(pair.anotherOfTheirs({}), script),
      })

    it.each(blocking)("waits by itself as with ioredis: $title", async (script) => {
      const { ours, theirs } = await compareOn("client", script)

      expect(ours).toEqual(theirs)
    })

    it.each([...blocking, ...connectionBound])("works in a lease as with ioredis: $title", async (script) => {
      const { ours, theirs } = await compareOn("lease", script)

      expect(ours).toEqual(theirs)
    })
  })
})
