import type { Redis } from "@warmpool/core"

/** The only key of a ping, and of its answer: no event of anybody's has it by accident. */
const KEY = "@warmpool/lambda:ping"

/** Longest that the warmer asks a sandbox to stay occupied, ms: what asks for more is not the warmer. */
export const LONGEST_HOLD_MS = 60_000

/** Kept free before the invocation ends, so that the answer still leaves. */
const RESERVE_MS = 200

/** What the warmer sends to each sandbox. */
export interface Ping {
  /** How long the sandbox stays occupied, so that the next ping needs another one. */
  readonly holdMs: number
}

/** What a sandbox answers. */
export interface Pong {
  /** Tells sandboxes apart. */
  readonly sandbox: string
  /** The code of the error with which its connection failed to validate. */
  readonly error?: string
}

let sandbox: string | undefined

export function encodePing(ping: Ping): string {
  return JSON.stringify({ [KEY]: ping })
}

/** The ping in an event; undefined for the events of everybody else. */
export function readPing(event: unknown): Ping | undefined {
  const ping = onlyValue(event)
  if (typeof ping !== "object" || ping === null) return undefined
  const holdMs: unknown = Reflect.get(ping, "holdMs")
  return typeof holdMs === "number" && holdMs >= 0 && holdMs <= LONGEST_HOLD_MS ? { holdMs } : undefined
}

/** The answer in a payload; undefined when something else answered. */
export function readPong(payload: unknown): Pong | undefined {
  const pong = onlyValue(payload)
  if (typeof pong !== "object" || pong === null) return undefined
  const id: unknown = Reflect.get(pong, "sandbox")
  const error: unknown = Reflect.get(pong, "error")
  if (typeof id !== "string") return undefined
  return { sandbox: id, ...(typeof error === "string" && { error }) }
}

/**
 * Validates the connections of the clients, and opens those that are missing; then keeps the sandbox occupied for as
 * long as the ping says, and never past the end of the invocation. Never rejects: a sandbox without a server is warm.
 *
 * @param endsAt - When the invocation ends: wall clock, ms.
 */
export async function answerPing(
  { holdMs }: Ping,
  clients: readonly Redis[],
  endsAt: number,
): Promise<Record<string, Pong>> {
  const leftMs = Math.max(0, endsAt - Date.now() - RESERVE_MS)
  const held = new Promise((resolve) => setTimeout(resolve, Math.min(holdMs, leftMs)))
  const errors = await Promise.all(clients.map((redis) => redis.prewarm().then(() => undefined, codeOf)))
  await held
  sandbox ??= crypto.randomUUID()
  const error = errors.find((code) => code !== undefined)
  return { [KEY]: { sandbox, ...(error !== undefined && { error }) } }
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined
  return typeof code === "string" ? code : "ERR_UNKNOWN"
}

function onlyValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const [key, ...others] = Object.keys(value)
  return key === KEY && others.length === 0 ? Reflect.get(value, KEY) : undefined
}
