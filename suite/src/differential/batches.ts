import { seen } from "./seen.ts"

type Entry = readonly [string, ...unknown[]]

/** Batches as arrays, as both clients take them. */
export const batches: readonly (readonly [what: string, commands: readonly Entry[]])[] = [
  ["nothing", []],
  ["one command", [["set", "k", "v"]]],
  [
    "an error among replies",
    [
      ["set", "k", "v"],
      ["incr", "k"],
      ["get", "k"],
      ["lpush", "k", "x"],
      ["get", "k"],
    ],
  ],
  [
    "nulls and empty arrays",
    [
      ["get", "missing"],
      ["lrange", "missing", 0, -1],
      ["mget", "a", "b"],
    ],
  ],
  ["errors nested in a reply", [["eval", "return {redis.error_reply('MINE bad'), 1}", 0], ["ping"]]],
  ["a command that fails when it is queued", [["set", "k", "v"], ["get"], ["get", "k"]]],
  ["several commands that fail when they are queued", [["get"], ["set", "k"], ["incr", "n"]]],
  [
    "arrays and numbers",
    [
      ["rpush", "l", ["a", 1, null]],
      ["lrange", "l", 0, -1],
      ["mget", ["l", "x"]],
    ],
  ],
  [
    "an object each way, and bytes",
    [
      ["hset", "h", { a: 1, __proto__: 2 }],
      ["hgetall", "h"],
      ["hgetBuffer", "h", "a"],
      ["hgetallBuffer", "h"],
      ["mset", new Map([["k", "v"]])],
      ["getBuffer", "k"],
    ],
  ],
  [
    "commands by name",
    [
      ["call", "SET", "k", "v"],
      ["call", "HGETALL", "missing"],
    ],
  ],
]

/** An array of its own for each client: ioredis changes what it is given. */
export const copy = (commands: readonly Entry[]): unknown[][] => commands.map((command) => [...command])

/** Outcomes in a form that can be compared: ioredis leaves the reply out where there is an error. */
export function told(outcomes: unknown): unknown {
  if (outcomes instanceof Error) return [seen(outcomes), seen(Reflect.get(outcomes, "previousErrors"))]
  if (!Array.isArray(outcomes)) return outcomes
  return outcomes.map(([error, reply]: readonly unknown[]) => [seen(error ?? null), seen(reply)])
}
