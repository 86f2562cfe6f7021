import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { readWarmerOptions, type WarmerOptions, type WarmerSettings } from "./warmer/options.ts"
import { encodePing, type Pong, readPong } from "./warmer/ping.ts"
import { failedOn, mistaken, unconnected, undelivered, WarmerError } from "./warmer/warmer-error.ts"

export { WarmerError, type WarmerOptions }

/** What one round of the warmer did. */
export interface WarmedRound {
  /** How many sandboxes were asked for. */
  readonly asked: number
  /** How many answered, each with an open connection; fewer when some had to answer twice: raise `holdMs`. */
  readonly sandboxes: number
}

/** A handler for a schedule. */
export type Warmer = (
  event?: unknown,
  context?: { getRemainingTimeInMillis(): number },
) => Promise<WarmedRound>

/** Longest wait for a round where no context tells: an init, and an invocation. */
const ROUND_MS = 30_000
const RESERVE_MS = 500

/**
 * Makes a handler for a schedule that keeps sandboxes of another function warm: as many pings at once, each of which
 * occupies its sandbox until the last has arrived. `withRedis` answers them; the handler inside is not called. Region,
 * credentials and endpoint are those of the environment.
 *
 * @throws ConfigError naming the option that is wrong. The handler throws WarmerError, and never tries again by itself.
 */
export function createWarmer(options: WarmerOptions = {}): Warmer {
  const settings = readWarmerOptions(options, process.env)
  // Fewer sockets than pings would send some of them after others.
  const agent = { maxSockets: settings.sandboxes, keepAlive: true }
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { httpAgent: agent, httpsAgent: agent } })
  return async (_event, context) => {
    const leftMs = context === undefined ? ROUND_MS : context.getRemainingTimeInMillis() - RESERVE_MS
    return warm(client, settings, AbortSignal.timeout(Math.max(1, leftMs)))
  }
}

async function warm(
  client: LambdaClient,
  { functionName, sandboxes, holdMs }: WarmerSettings,
  abortSignal: AbortSignal,
): Promise<WarmedRound> {
  const round = { functionName, asked: sandboxes }
  const command = { FunctionName: functionName, Payload: encodePing({ holdMs }) }
  const invoke = () => client.send(new InvokeCommand(command), { abortSignal }).then(toPong)
  const answers = await Promise.allSettled(Array.from({ length: sandboxes }, invoke))

  const lost = answers.filter((one) => one.status === "rejected").map(({ reason }) => reason as unknown)
  if (lost.length > 0) throw undelivered(round, lost)
  const given = answers.filter((one) => one.status === "fulfilled").map(({ value }) => value)
  const errorTypes = given.filter((one) => typeof one === "string")
  if (errorTypes.length > 0) throw failedOn(round, errorTypes)
  const pongs = given.filter((one) => typeof one === "object")
  if (pongs.length < given.length) throw mistaken(round, given.length - pongs.length)
  const codes = pongs.flatMap(({ error }) => error ?? [])
  if (codes.length > 0) throw unconnected(round, codes)
  const distinct = new Set(pongs.map(({ sandbox }) => sandbox)).size
  // A schedule reads no answer: the log does.
  if (distinct < sandboxes) console.warn(`${distinct} of ${sandboxes} sandboxes answered: raise holdMs`)
  return { asked: sandboxes, sandboxes: distinct }
}

interface Answer {
  readonly FunctionError?: string | undefined
  readonly Payload?: { transformToString(): string } | undefined
}

/** The pong, or the type of the error with which the function failed; undefined if its handler answered. */
function toPong({ FunctionError, Payload }: Answer): Pong | string | undefined {
  const answer = parsed(Payload?.transformToString() ?? "")
  if (FunctionError === undefined) return readPong(answer)
  const errorType: unknown =
    typeof answer === "object" && answer !== null ? Reflect.get(answer, "errorType") : undefined
  return typeof errorType === "string" ? errorType : FunctionError
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
