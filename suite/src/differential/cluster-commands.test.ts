import { Redis as Ioredis } from "ioredis"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { batches, copy, told } from "./batches.ts"
import { type ClusterPair, TAG, useClusterPair } from "./cluster-pair.ts"
import { compare } from "./compare.ts"
import { lacking, whole } from "./lacking.ts"
import { PLAIN } from "./pair.ts"
import type { Script, Step } from "./script.ts"
import { seen } from "./seen.ts"
import { blocking } from "./tables/blocking.ts"
import { connectionBound } from "./tables/connection-bound.ts"
import { onCluster } from "./tables/on-cluster.ts"
import { bytesOneByOne, invoke, outcomeOf, textOneByOne, type Way, ways } from "./ways.ts"

const SHORT = [
  "as text, one by one",
  "as bytes, one by one",
  "as text, in a pipeline",
  "as text, in a transaction",
]

/** The ways that differ most, and one master for each script; all of both in the soak. */
const some = ways.filter(({ name }) => rounds({ test: 0, soak: 1 }) > 0 || SHORT.includes(name))
const mastersOf = (at: number): readonly number[] => (rounds({ test: 0, soak: 1 }) > 0 ? [0, 1, 2] : [at % 3])

const scripts = whole.map(onCluster)

/** What the server finds keys in. Shard channels are none that a tag could be put before. */
async function keyedOf(pair: ClusterPair, script: Script): Promise<Script> {
  const found = await Promise.allSettled(
    script.steps.map(({ name, words }) =>
      pair.cluster.nodes[0]?.command("COMMAND", "GETKEYS", name, ...words),
    ),
  )
  const isKeyed = ({ name }: Step, at: number) => name !== "spublish" && found[at]?.status === "fulfilled"
  return { ...script, steps: script.steps.filter(isKeyed) }
}

describe("commands to a cluster", () => {
  const pair = useClusterPair()

  /** On a connection that nobody else uses. */
  async function alone(way: Way, script: Script): Promise<readonly unknown[]> {
    const redis = new Ioredis(pair.masters[0]?.url ?? "", { ...PLAIN, keyPrefix: TAG, retryStrategy: null })
    const outcomes = await way.run(redis, script)
    redis.disconnect()
    return outcomes
  }

  describe.each(some)("$name", (way) => {
    it.each(scripts)("are answered as their node answers ioredis: $title", async (script) => {
      const [ours, theirs] = [pair.ours(TAG), pair.theirsOn(pair.masters[0], TAG)]

      const accounts = await compare(pair, script, {
        keyPrefix: TAG,
        ours: () => way.run(ours, script),
        theirs: () => way.run(theirs, script),
      })

      expect(accounts.ours).toEqual(accounts.theirs)
    })
  })

  it.each(lacking)("that lack keys are the server's to refuse: $name", async ({ name, words }) => {
    const [ours, theirs] = [pair.ours(TAG), pair.theirsOn(pair.masters[0])]

    const [our, their] = await Promise.all(
      [ours, theirs].map((client) => outcomeOf(() => invoke(client, name, words))),
    )

    expect(seen(our)).toBe(seen(their))
    expect(our).toBeInstanceOf(Error)
  })

  const placed = scripts.flatMap((script, at) => mastersOf(at).map((master) => ({ ...script, master })))
  it.each(placed)(
    "find each node at the first attempt, and are answered as through ioredis's Cluster: $title, $master",
    async ({ master, ...script }) => {
      const keyPrefix = (await pair.tags())[master] ?? ""
      const [ours, theirs] = [pair.ours(keyPrefix), pair.theirs(keyPrefix)]
      const keyed = await keyedOf(pair, script)

      const accounts = await compare(pair, keyed, {
        keyPrefix,
        ours: () => textOneByOne.run(ours, keyed),
        theirs: () => textOneByOne.run(theirs, keyed),
      })

      expect(accounts.ours).toEqual(accounts.theirs)
      for (const errors of await pair.each(["INFO", "errorstats"])) expect(errors).not.toMatch(/MOVED|ASK/)
    },
  )

  describe.each([textOneByOne, bytesOneByOne])("$name", (way) => {
    it.each(blocking)("wait by themselves as with ioredis: $title", async (script) => {
      const accounts = await compare(pair, script, {
        keyPrefix: TAG,
        ours: () => way.run(pair.ours(TAG), script),
        theirs: () => alone(way, script),
      })

      expect(accounts.ours).toEqual(accounts.theirs)
    })

    it.each([...blocking, ...connectionBound].map(onCluster))(
      "work in a lease for a key as with ioredis on its node: $title",
      async (script) => {
        const accounts = await compare(pair, script, {
          keyPrefix: TAG,
          ours: () => pair.ours(TAG).use((lease) => way.run(lease, script), { key: "" }),
          theirs: () => alone(way, script),
        })

        expect(accounts.ours).toEqual(accounts.theirs)
      },
    )
  })

  // Where keys lack, ioredis would put its prefix before none.
  const keyed = batches.filter(([, commands]) => commands.every(([name, key]) => key ?? name === "ping"))
  it.each(keyed)("have ioredis's outcomes together: %s", async (_what, commands) => {
    const theirs = pair.theirsOn(pair.masters[0], TAG)
    await pair.empty()
    const theirPipeline = await theirs.pipeline(copy(commands)).exec()
    const theirTransaction = await outcomeOf(() => theirs.multi(copy(commands)).exec())
    await pair.empty()

    const pipeline = await pair.ours(TAG).pipeline(commands).exec()
    const transaction = await outcomeOf(() => pair.ours(TAG).multi(commands).exec())

    expect([pipeline, transaction].map(told)).toEqual([theirPipeline, theirTransaction].map(told))
  })
})
