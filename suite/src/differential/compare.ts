import { withCuts } from "./cuts.ts"
import type { Script, Step } from "./script.ts"
import { seen, shapeOf, unordered } from "./seen.ts"
import type { Commanding, Way } from "./ways.ts"

/** What a script came to: a line for each command, and a fingerprint of the data it left. */
export interface Account {
  readonly replies: readonly unknown[]
  readonly data: unknown
}

/** What both clients work on. */
export interface Ground {
  /** Empties it. */
  empty(): Promise<void>
  /** A fingerprint of all data. */
  digest(): Promise<unknown>
}

/** How each of the two clients is made to run a script. */
export interface Sending {
  /** What both clients put before keys, and so what the server may echo. */
  readonly keyPrefix?: string
  ours(): Promise<readonly unknown[]>
  theirs(): Promise<readonly unknown[]>
}

/** Runs a script through our client and through ioredis, each on an empty server, and tells what came of it. */
export async function compare(
  ground: Ground,
  script: Script,
  sending: Sending,
): Promise<{ ours: Account; theirs: Account }> {
  const theirs = await accountOf(ground, script, sending.theirs)
  const ours = await accountOf(ground, script, sending.ours)
  const words = script.steps.map((step) => [
    ...step.words,
    ...step.words.map((word) => `${sending.keyPrefix ?? ""}${word}`),
  ])
  const given = (index: number) => (script.steps.length === ours.replies.length ? words[index] : words.flat())
  const replies = theirs.replies.map((reply, index) =>
    withCuts(reply, ours.replies[index], given(index) ?? []),
  )
  return { ours, theirs: { ...theirs, replies } }
}

/** The same script through both clients, each in this way. */
export function compareWay(
  pair: Ground & { readonly ours: Commanding; readonly theirs: Commanding },
  script: Script,
  way: Way,
): Promise<{ ours: Account; theirs: Account }> {
  const through = (client: Commanding) => () => way.run(client, script)
  return compare(pair, script, { ours: through(pair.ours), theirs: through(pair.theirs) })
}

async function accountOf(ground: Ground, script: Script, send: Sending["ours"]): Promise<Account> {
  await ground.empty()
  const outcomes = await send()
  const { steps } = script
  // A transaction that was refused has one outcome, and its reasons.
  const replies = outcomes.map((outcome, index) => {
    const step = outcomes.length === steps.length ? steps[index] : undefined
    return step === undefined ? seen(outcome) : line(step, outcome)
  })
  return { replies, data: script.leaves === "any data" ? undefined : await ground.digest() }
}

const VIEWS = { equal: seen, unordered, alike: shapeOf }

function line({ name, words, compare }: Step, outcome: unknown): readonly unknown[] {
  const command = [name, ...words.map((word) => (typeof word === "string" ? word : seen(word)))]
  return [command, VIEWS[compare](outcome)]
}
