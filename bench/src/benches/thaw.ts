import { setTimeout as sleep } from "node:timers/promises"
import { type RedisServer, startRedis } from "@warmpool/local"
import type { Bench } from "../bench.ts"
import { type Contestant, control, ioredis, nodeRedis, OURS, ours, untimed } from "../contestants.ts"
import { fill } from "../data.ts"
import type { Effort } from "../effort.ts"
import { connectMs, type Ending, type FirstCommand, Freezer } from "../freezer.ts"
import { Recorder } from "../measurement.ts"

export const LIMIT = "three round trips, a connect and 5 ms"
export const UNKNOWN = "INCR after a freeze, closed: outcome unknown"
export const afterFreeze = (command: FirstCommand, ending: Ending): string =>
  `${command} after a freeze, ${ending}`

interface Case {
  readonly ending: Ending
  readonly command: FirstCommand
  readonly contestants: readonly Contestant[]
  /** How many of them, the first ones, take part where few do. */
  readonly few: number
}

/** Peers that lose a connection without a word answer nobody: they are asked once, apart. */
const MUTE = [untimed, ioredis]
const CASES: readonly Case[] = [
  { ending: "closed", command: "GET", contestants: [ours, untimed, ioredis, nodeRedis, control], few: 3 },
  { ending: "closed", command: "INCR", contestants: [ours, untimed, ioredis], few: 1 },
  { ending: "reset", command: "GET", contestants: [ours, untimed, ioredis], few: 1 },
  { ending: "silent", command: "GET", contestants: [ours], few: 1 },
  { ending: "silent", command: "INCR", contestants: [ours], few: 0 },
  { ending: "alive", command: "GET", contestants: [ours, untimed, ioredis, nodeRedis, control], few: 2 },
  { ending: "alive", command: "INCR", contestants: [ours, untimed], few: 0 },
]

export const thaw: Bench = {
  title: "The first command after a freeze",
  about:
    "A process is stopped by SIGSTOP; meanwhile its connection is closed, reset, or silently dropped (no FIN, no RST), or stays alive; " +
    "its next command is already there when SIGCONT comes, as Lambda's event is. Every contestant has a process and a proxy of its own; alive connections have none between. " +
    "A command without an answer after four seconds, or with an error, counts as four seconds. Clients run with their defaults.",
  async run(effort) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using freezers = await startAll(server, effort)
    for (let round = 0; round < effort.fineRounds; round += 1) {
      await freezeAll(freezers.all, effort, recorder)
    }
    noteFailures(freezers.all, recorder)
    await recordLimit(freezers.all, recorder)
    await recordMutes(server, effort, recorder)
    recordUnknown(freezers.all, recorder)
    return recorder.findings
  },
}

async function startAll(
  server: RedisServer,
  effort: Effort,
): Promise<AsyncDisposable & { readonly all: readonly Freezer[] }> {
  const wanted = CASES.flatMap(({ contestants, few, ending, command }) =>
    contestants
      .slice(0, effort.entrants === "few" ? few : contestants.length)
      .map((contestant) => ({ ending, command, contestant, what: afterFreeze(command, ending) })),
  )
  return Freezer.startAll(wanted, server)
}

/** Freezes all at once, ends their connections, and thaws one after another. */
async function freezeAll(
  freezers: readonly Freezer[],
  { frozenMs, giveUpMs }: Effort,
  recorder: Recorder,
): Promise<void> {
  for (const freezer of freezers) await freezer.freeze()
  await sleep(frozenMs)
  for (const freezer of freezers) await thawOne(freezer, giveUpMs, recorder)
}

async function thawOne(freezer: Freezer, giveUpMs: number, recorder: Recorder): Promise<void> {
  const { ms, ended } = await freezer.thaw(giveUpMs)
  const figure = { what: freezer.what, unit: "ms", contestant: freezer.name } as const
  recorder.add(figure, ended === "reply" ? ms : giveUpMs)
}

/** Measured through a proxy, as the silent case is. */
async function recordLimit(freezers: readonly Freezer[], recorder: Recorder): Promise<void> {
  const near = freezers.find(({ ending, name }) => ending === "closed" && name === OURS)
  if (!near) return
  const limit = 3 * (await near.roundTrip()) + (await connectMs(near.port)) + 5
  recorder.add({ what: afterFreeze("GET", "silent"), unit: "ms", contestant: LIMIT }, limit)
}

async function recordMutes(server: RedisServer, effort: Effort, recorder: Recorder): Promise<void> {
  const taking = MUTE.slice(0, effort.entrants === "few" ? 1 : MUTE.length)
  const wanted = taking.map((contestant) => ({
    ending: "silent" as const,
    command: "GET" as const,
    contestant,
    what: afterFreeze("GET", "silent"),
  }))
  await using freezers = await Freezer.startAll(wanted, server)
  for (const freezer of freezers.all) await freezer.freeze()
  await sleep(effort.frozenMs)
  await Promise.all(freezers.all.map((freezer) => thawOne(freezer, effort.giveUpMs, recorder)))
  noteFailures(freezers.all, recorder)
}

function noteFailures(freezers: readonly Freezer[], recorder: Recorder): void {
  for (const { name, what, failures } of freezers) {
    if (failures.length === 0) continue
    recorder.note(`${name}, ${what}: ${failures.length} times ${[...new Set(failures)].join(" or ")}.`)
  }
}

function recordUnknown(freezers: readonly Freezer[], recorder: Recorder): void {
  const closed = freezers.find(({ what, name }) => what === afterFreeze("INCR", "closed") && name === OURS)
  if (!closed) return
  const unknown = closed.failures.filter((failure) => failure === "OutcomeUnknownError").length
  recorder.add({ what: UNKNOWN, unit: "commands", contestant: OURS }, unknown)
}
