import { availableParallelism } from "node:os"
import { RedisStartError } from "@warmpool/local"
import type { Act } from "./demo/act.ts"
import { http } from "./demo/http.ts"
import { lambda } from "./demo/lambda/act.ts"
import { demoServer, UnusableServer } from "./demo/server.ts"
import { vercel } from "./demo/vercel/act.ts"
import { workers } from "./demo/workers/act.ts"

const DEFAULT_ROUNDS = 40

/** `npm run demo -- http` shows one of them; without a name all are shown, in this order. */
const ACTS: Readonly<Record<string, Act>> = { lambda, http, workers, vercel }

class WrongArgument extends Error {}

/** What the user can mend; the message is one line. */
const EXPECTED = [WrongArgument, UnusableServer, RedisStartError]

const stop = new AbortController()
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  // Only once: who asks again does not want to wait.
  process.once(signal, () => {
    process.exitCode = code
    stop.abort()
  })
}

try {
  await demo(readArguments(process.argv.slice(2)))
} catch (error) {
  if (!stop.signal.aborted) {
    if (!EXPECTED.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error
    console.error(`warmpool: ${error.message}`)
    process.exitCode = 1
  }
}

interface Wanted {
  readonly acts: readonly Act[]
  /** `npm run demo -- 200` runs longer. */
  readonly rounds: number
}

async function demo({ acts, rounds }: Wanted): Promise<void> {
  await using server = await demoServer(process.env["REDIS_URL"])
  console.log(`With ${server.name}.\n`)
  const flaws: string[] = []
  for (const { title, run } of acts) {
    console.log(`${title}\n`)
    const { text, flaw } = await run({ server, rounds, signal: stop.signal })
    console.log(`\n${text}\n`)
    if (flaw !== undefined) flaws.push(flaw)
  }
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform}.`)
  for (const flaw of flaws) console.error(`\n${flaw}: this is a bug.`)
  if (flaws.length > 0) process.exitCode = 1
}

function readArguments(words: readonly string[]): Wanted {
  const names = words.filter((word) => Object.hasOwn(ACTS, word))
  const [rounds = String(DEFAULT_ROUNDS), ...more] = words.filter((word) => !names.includes(word))
  if (more.length > 0 || !Number.isInteger(Number(rounds)) || Number(rounds) < 1) {
    const known = Object.keys(ACTS).join(", ")
    throw new WrongArgument(
      `npm run demo takes a number of rounds (${DEFAULT_ROUNDS}, if none is given) and names of ${known}`,
    )
  }
  const acts = Object.entries(ACTS).flatMap(([name, act]) =>
    names.length === 0 || names.includes(name) ? [act] : [],
  )
  return { acts, rounds: Number(rounds) }
}
