import type { RedisServer } from "@warmpool/local"

/** Values that benches read and write, by their size. */
export const VALUES = {
  "10 B": "x".repeat(10),
  "1 kB": "x".repeat(1_000),
  "100 kB": "x".repeat(100_000),
} as const

export type Size = keyof typeof VALUES

const KEYS = 1_000
const FIELDS = ["name", "Ada", "city", "London", "born", "1815", "field", "analysis"]

function keysOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `bench:${name}:${number}`)
}

/** Keys by the size of the value they hold. */
export const KEYS_OF: Readonly<Record<Size, readonly string[]>> = {
  "10 B": keysOf("small", KEYS),
  "1 kB": keysOf("medium", KEYS),
  "100 kB": keysOf("large", 10),
}

export const HASH = "bench:hash"
export const COUNTER = "bench:counter"
export const WRITTEN = keysOf("written", KEYS)

/** Puts everything that benches read into a server. */
export async function fill(server: RedisServer): Promise<void> {
  for (const size of ["10 B", "1 kB", "100 kB"] as const) {
    await server.command("MSET", ...KEYS_OF[size].flatMap((key) => [key, VALUES[size]]))
  }
  await server.command("HSET", HASH, ...FIELDS)
}
