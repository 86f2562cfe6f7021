import { openClient } from "../clients/open-client.ts"
import { KEYS_OF } from "../data.ts"
import type { Subject } from "./subject.ts"

/** The seed articles' ways to read the same keys. */
export type Way = "a client per call" | "one warm client" | "one tick" | "a pipeline"

export interface SeedOrder {
  readonly way: Way
  readonly calls: number
}

/** Reads so many keys in one of the ways; gives the time it took, ms. */
export async function seed(subject: Subject, { way, calls }: SeedOrder): Promise<number> {
  const all = KEYS_OF["10 B"]
  const keys = Array.from({ length: calls }, (_, turn) => all[turn % all.length] ?? "")
  const startedAt = performance.now()
  await WAYS[way](subject, keys)
  return performance.now() - startedAt
}

const WAYS: Readonly<Record<Way, (subject: Subject, keys: readonly string[]) => Promise<unknown>>> = {
  "a client per call": async ({ name, url }, keys) => {
    for (const key of keys) {
      const client = await openClient(name, url)
      await client.get(key)
      await client.close()
    }
  },
  "one warm client": async ({ client }, keys) => {
    for (const key of keys) await client.get(key)
  },
  "one tick": ({ client }, keys) => Promise.all(keys.map((key) => client.get(key))),
  "a pipeline": ({ client }, keys) => client.getAll(keys),
}
