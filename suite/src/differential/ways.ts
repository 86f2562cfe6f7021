import type { Script, Step } from "./script.ts"

/** A client, a lease or a pipeline, ours or ioredis's: methods by name. */
export type Commanding = object

/** One way to send a script; gives what each step came to, and how the whole ended. */
export interface Way {
  readonly name: string
  run(client: Commanding, script: Script): Promise<readonly unknown[]>
}

/** Calls a method by its name. */
export function invoke(target: Commanding, method: string, args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(target, method)
  if (typeof found !== "function") throw new Error(`there is no method ${method}`)
  return Reflect.apply(found, target, [...args])
}

/** What came of a call: its reply, or its error as a value. */
export async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

type Call = (client: Commanding, step: Step) => unknown

const byName: Call = (client, { name, words }) => invoke(client, "call", [name.toUpperCase(), ...words])
const bytesByName: Call = (client, { name, words }) =>
  invoke(client, "callBuffer", [name.toUpperCase(), ...words])

// A command that a client has no method for goes by its name; that ours has one for each is a test of its own.
const asText: Call = (client, step) =>
  step.name in client ? invoke(client, step.name, step.words) : byName(client, step)
const asBytes: Call = (client, step) =>
  step.name in client ? invoke(client, `${step.name}Buffer`, step.words) : bytesByName(client, step)

/** One command after the other. */
function oneByOne(name: string, call: Call): Way {
  const run: Way["run"] = async (client, { steps }) => {
    const outcomes: unknown[] = []
    for (const step of steps) outcomes.push(await outcomeOf(() => call(client, step)))
    return outcomes
  }
  return { name, run }
}

/** All in one tick, without waiting for any. */
function inOneTick(name: string, call: Call): Way {
  return {
    name,
    run: (client, { steps }) => Promise.all(steps.map((step) => outcomeOf(() => call(client, step)))),
  }
}

/** As a pipeline or a transaction: `[error, reply]` pairs, null, or an error for the whole. */
function together(name: string, kind: "pipeline" | "multi", call: Call): Way {
  const run: Way["run"] = async (client, { steps }) => {
    const collected = invoke(client, kind, []) as object
    for (const step of steps) call(collected, step)
    const whole = await outcomeOf(() => invoke(collected, "exec", []))
    if (!Array.isArray(whole)) return [whole, ...previousErrorsOf(whole)]
    return whole.map(([error, reply]: [Error | null, unknown]) => error ?? reply)
  }
  return { name, run }
}

function previousErrorsOf(whole: unknown): readonly unknown[] {
  const errors: unknown = whole instanceof Error ? Reflect.get(whole, "previousErrors") : undefined
  return Array.isArray(errors) ? errors : []
}

export const textOneByOne: Way = oneByOne("as text, one by one", asText)
export const bytesOneByOne: Way = oneByOne("as bytes, one by one", asBytes)
export const bytesInTransaction: Way = together("as bytes, in a transaction", "multi", asBytes)

/** The ways in which ordinary commands are sent. */
export const ways: readonly Way[] = [
  textOneByOne,
  bytesOneByOne,
  oneByOne("by name, as text", byName),
  oneByOne("by name, as bytes", bytesByName),
  inOneTick("as text, in one tick", asText),
  together("as text, in a pipeline", "pipeline", asText),
  together("as bytes, in a pipeline", "pipeline", asBytes),
  together("as text, in a transaction", "multi", asText),
  bytesInTransaction,
]
