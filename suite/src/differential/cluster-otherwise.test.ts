import { type RedisServer, startRedis } from "@warmpool/local"
import { Redis as Ioredis } from "ioredis"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TAG, useClusterPair } from "./cluster-pair.ts"
import { withCuts } from "./cuts.ts"
import { lacking, lineOf, whole } from "./lacking.ts"
import { ARGS, FORGET, PLAIN } from "./pair.ts"
import type { Step } from "./script.ts"
import { seen, shapeOf, unordered } from "./seen.ts"
import { connectionBound } from "./tables/connection-bound.ts"
import { instead, onCluster, otherwise } from "./tables/on-cluster.ts"
import { textOneByOne } from "./ways.ts"

/** Two servers have two hash seeds: neither order nor chance is compared. */
const viewOf = ({ compare }: Step, reply: unknown): unknown =>
  compare === "alike" ? shapeOf(reply) : unordered(reply)

describe("a cluster answers otherwise than a single server", () => {
  const pair = useClusterPair()
  let server: RedisServer | undefined
  let single: Ioredis | undefined

  beforeAll(async () => {
    server = await startRedis({ args: ARGS })
    single = new Ioredis(server.url, { ...PLAIN, keyPrefix: TAG, retryStrategy: null })
  })

  afterAll(async () => {
    single?.disconnect()
    await server?.close()
  })

  it.each(whole.map(onCluster))("only where the table says so: $title", async (script) => {
    await pair.empty()
    await Promise.all(FORGET.map((command) => server?.command(...command)))
    const theirs = await textOneByOne.run(single ?? {}, script)

    const ours = await textOneByOne.run(pair.ours(TAG), script)

    for (const [at, step] of script.steps.entries()) {
      const our = viewOf(step, ours[at])
      const given = [...step.words, ...step.words.map((word) => `${TAG}${word}`)]
      const reason = otherwise.find(
        ({ title, lines }) => title.test(script.title) && lines.test(lineOf(step)),
      )
      const their = withCuts(viewOf(step, theirs[at]), our, given)
      if (reason && JSON.stringify(our) !== JSON.stringify(their))
        expect(JSON.stringify(seen(ours[at]))).toMatch(reason.reply)
      else expect([lineOf(step), our]).toEqual([lineOf(step), their])
    }
  })

  it("where lines are in the scripts, and none twice", () => {
    const scripts = [...whole, ...connectionBound]
    const lines = [...scripts.flatMap(({ steps }) => steps), ...lacking].map(lineOf)

    expect([...instead.keys()].filter((line) => !lines.includes(line))).toEqual([])
    for (const { title, lines: pattern } of otherwise) {
      const steps = scripts.filter((script) => title.test(script.title)).flatMap((script) => script.steps)
      expect(steps.some((step) => pattern.test(lineOf(step)))).toBe(true)
    }
  })
})
