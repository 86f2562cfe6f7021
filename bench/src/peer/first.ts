import { KEYS_OF } from "../data.ts"
import { median } from "../measurement.ts"
import type { Subject } from "./subject.ts"

export interface FirstOrder {
  readonly command: "GET" | "INCR"
  readonly key: string
  readonly giveUpMs: number
}

/** How one command ended: its reply, an error's name, or nothing at all. */
export interface Outcome {
  readonly ms: number
  readonly ended: "reply" | "no answer" | { readonly error: string }
}

/** Issues one command at once and waits for its end, though not for ever. */
export async function first({ client }: Subject, { command, key, giveUpMs }: FirstOrder): Promise<Outcome> {
  const startedAt = performance.now()
  const issued = command === "GET" ? client.get(key) : client.incr(key)
  const ended = issued.then(
    () => "reply" as const,
    (error: Error) => ({ error: error.name }),
  )
  const { promise: givenUp, resolve } = Promise.withResolvers<"no answer">()
  const timer = setTimeout(() => resolve("no answer"), giveUpMs)
  const outcome = await Promise.race([ended, givenUp])
  clearTimeout(timer)
  return { ms: performance.now() - startedAt, ended: outcome }
}

const TRIPS = 21

/** One GET on a warm connection, ms, median. */
export async function roundTrip({ client }: Subject, _order: object): Promise<number> {
  const [key = ""] = KEYS_OF["10 B"]
  const times: number[] = []
  for (let trip = 0; trip < TRIPS; trip += 1) {
    const startedAt = performance.now()
    await client.get(key)
    times.push(performance.now() - startedAt)
  }
  return median(times)
}
