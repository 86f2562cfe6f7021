import { ArgumentError, UnsupportedCommandError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { type Pair, usePair } from "./pair.ts"
import { invoke, outcomeOf } from "./ways.ts"

/** Where the two differ on purpose: what is done, what ours gives, what ioredis gives, and why. */
interface Deviation {
  readonly what: string
  readonly why: string
  run(client: object, pair: Pair): unknown
  readonly ours: unknown
  readonly theirs: unknown
}

const call =
  (method: string, ...args: unknown[]) =>
  (client: object) =>
    invoke(client, method, args)

const refused = (error: typeof ArgumentError | typeof UnsupportedCommandError) => expect.any(error)

const REPLIES: readonly Deviation[] = [
  {
    what: "an integer beyond 2^53",
    why: "a rounded counter is a wrong counter",
    run: call("incrby", "n", "9007199254740993"),
    ours: "9007199254740993",
    theirs: 9007199254740992,
  },
  {
    what: "an integer beyond 2^53 in an array",
    why: "a rounded counter is a wrong counter",
    run: call("bitfield", "n", "SET", "i64", 0, "-9223372036854775807", "GET", "i64", 0),
    ours: [0, "-9223372036854775807"],
    theirs: [0, -(2 ** 63)],
  },
  {
    what: "an error that echoes arguments",
    why: "no error shows a key or a value",
    run: call("expire", "k", 1, "planted"),
    ours: expect.objectContaining({ message: "ERR Unsupported option …" }),
    theirs: expect.objectContaining({ message: "ERR Unsupported option planted" }),
  },
  {
    what: "an unknown command",
    why: "no error shows a key or a value",
    run: call("call", "NOSUCH", "planted"),
    ours: expect.objectContaining({ message: "ERR unknown command 'NOSUCH'" }),
    theirs: expect.objectContaining({ message: expect.stringContaining("planted") }),
  },
  {
    what: "call with a name in lower case",
    why: "call transforms nothing; ioredis transforms by the very spelling",
    run: call("call", "hgetall", "missing"),
    ours: [],
    theirs: {},
  },
  {
    what: "the outcome of a failed command in a pipeline",
    why: "every outcome is a pair",
    run: async (client) => ((await outcomesOf(client, ["incr", "text"]))[0] ?? []).length,
    ours: 2,
    theirs: 1,
  },
]

const ARGUMENTS: readonly Deviation[] = [
  {
    what: "an array in an array in an array",
    why: "ioredis sends it as text with commas",
    run: (client, pair) => sent(client, pair, [["a", "b"]]),
    ours: refused(ArgumentError),
    theirs: "a,b",
  },
  {
    what: "an object as a value",
    why: "there is no implicit JSON; ioredis sends [object Object]",
    run: (client, pair) => sent(client, pair, { a: 1 }),
    ours: refused(ArgumentError),
    theirs: "[object Object]",
  },
  {
    what: "a plain Uint8Array",
    why: "bytes are bytes; ioredis knows Buffers only and sends numbers with commas",
    run: (client, pair) => sent(client, pair, Uint8Array.of(104, 105)),
    ours: "hi",
    theirs: "104,105",
  },
  {
    what: "a callback",
    why: "an error of a callback would be nobody's",
    run: call("get", "k", () => undefined),
    ours: refused(ArgumentError),
    theirs: null,
  },
]

const LANES: readonly Deviation[] = [
  {
    what: "SELECT outside a lease",
    why: "others share the connection",
    run: call("select", 0),
    ours: refused(UnsupportedCommandError),
    theirs: "OK",
  },
  {
    what: "WATCH outside a lease",
    why: "others share the connection",
    run: call("watch", "k"),
    ours: refused(UnsupportedCommandError),
    theirs: "OK",
  },
  {
    what: "a command that waits in a pipeline",
    why: "all who share the connection would wait with it",
    run: async (client) => (await outcomesOf(client, ["blpop", "missing", "0.01"]))[0],
    ours: refused(UnsupportedCommandError),
    theirs: [null, null],
  },
]

async function outcomesOf(
  client: object,
  command: readonly unknown[],
): Promise<readonly (readonly unknown[])[]> {
  const pipeline = invoke(client, "pipeline", [[command]]) as object
  return (await invoke(pipeline, "exec", [])) as unknown[][]
}

/** The value that arrives. */
async function sent(client: object, pair: Pair, value: unknown): Promise<unknown> {
  const outcome = await outcomeOf(() => invoke(client, "set", ["k", value]))
  return outcome instanceof Error ? outcome : pair.theirs.get("k")
}

describe.each(allTransports)("what differs from ioredis on purpose over $name", (transport) => {
  const pair = usePair(transport)

  it.each([...REPLIES, ...ARGUMENTS, ...LANES])("is $what, because $why", async (deviation) => {
    await pair.theirs.set("text", "text")
    const theirs = await outcomeOf(() => deviation.run(pair.theirs, pair))
    await pair.empty()
    await pair.theirs.set("text", "text")

    const ours = await outcomeOf(() => deviation.run(pair.ours, pair))

    expect({ ours, theirs }).toEqual({ ours: deviation.ours, theirs: deviation.theirs })
  })
})
