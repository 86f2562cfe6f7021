import type { BenchClient } from "../clients/bench-client.ts"
import { COUNTER, HASH, KEYS_OF, type Size, VALUES, WRITTEN } from "../data.ts"
import type { Subject } from "./subject.ts"

const BURST = 1_000

/** `callers` wait for each reply before they send again; `perTick` and a burst of 1,000 are sent at once, then all are awaited. */
export type Shape = { readonly callers: number } | { readonly perTick: number } | "bursts"

export interface LoadOrder {
  readonly shape: Shape
  readonly command: "GET" | "SET" | "mixed"
  readonly size: Size
  readonly ms: number
}

/** What was done, in how long, and what it cost this process. */
export interface Done {
  readonly commands: number
  readonly ms: number
  readonly cpuUs: number
}

type Issue = (turn: number) => Promise<unknown>

interface Clock {
  stopped: boolean
}

/** Half reads, a quarter writes, an eighth counters, an eighth hashes. */
const MIX = ["GET", "SET", "GET", "INCR", "GET", "SET", "GET", "HGETALL"] as const

function issuer(client: BenchClient, { command, size }: LoadOrder): Issue {
  const keys = KEYS_OF[size]
  const value = VALUES[size]
  const read: Issue = (turn) => client.get(keys[turn % keys.length] ?? "")
  const write: Issue = (turn) => client.set(WRITTEN[turn % WRITTEN.length] ?? "", value)
  if (command === "GET") return read
  if (command === "SET") return write
  return (turn) => {
    const next = MIX[turn % MIX.length]
    if (next === "GET") return read(turn)
    if (next === "SET") return write(turn)
    return next === "INCR" ? client.incr(COUNTER) : client.hgetall(HASH)
  }
}

async function caller(issue: Issue, clock: Clock): Promise<number> {
  let commands = 0
  for (; !clock.stopped; commands += 1) await issue(commands)
  return commands
}

async function bursts(issue: Issue, perTick: number, clock: Clock): Promise<number> {
  let commands = 0
  for (; !clock.stopped; commands += perTick) {
    const replies: Promise<unknown>[] = []
    for (let turn = 0; turn < perTick; turn += 1) replies.push(issue(turn))
    await Promise.all(replies)
  }
  return commands
}

/** Keeps a client busy for a while. */
export function load({ client }: Subject, order: LoadOrder): Promise<Done> {
  const { shape, ms } = order
  const issue = issuer(client, order)
  return timed(ms, async (clock) => {
    if (shape === "bursts") return bursts(issue, BURST, clock)
    if ("perTick" in shape) return bursts(issue, shape.perTick, clock)
    const counts = await Promise.all(Array.from({ length: shape.callers }, () => caller(issue, clock)))
    return counts.reduce((sum, count) => sum + count, 0)
  })
}

/** Sends explicit pipelines of GETs, one after another. */
export function pipelines(
  { client }: Subject,
  { size, ms }: { readonly size: number; readonly ms: number },
): Promise<Done> {
  const keys = KEYS_OF["10 B"].slice(0, size)
  return timed(ms, async (clock) => {
    let commands = 0
    for (; !clock.stopped; commands += keys.length) await client.getAll(keys)
    return commands
  })
}

/** The clock is a flag set by one timer: asking the time for every command would be measured with it. */
async function timed(ms: number, work: (clock: Clock) => Promise<number>): Promise<Done> {
  const clock: Clock = { stopped: false }
  setTimeout(() => {
    clock.stopped = true
  }, ms)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const commands = await work(clock)
  const ended = performance.now()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { commands, ms: ended - startedAt, cpuUs: user + system }
}
