import { createRedis, type Lease, type Redis } from "@warmpool/core"
import { FakeHost, FakeTransport } from "@warmpool/core/testing"
import { aFunction, type Case, noClient, noObject, rows, SECRET, type Table } from "../row.ts"

const ARGUMENT = "ArgumentError"
const host = new FakeHost()
const redis: Redis = createRedis({ transport: new FakeTransport({ host }), host })
const anObject = { [SECRET]: SECRET }

const first = async (elements: AsyncIterable<unknown>): Promise<void> => {
  for await (const _one of elements) return
}

function scans(name: string, known: RegExp, scan: (options: never) => AsyncIterable<unknown>): Table[string] {
  return [
    ...noObject(ARGUMENT, (options) => first(scan(options)), known),
    ...rows(ARGUMENT, (options) => first(scan(options)), [
      [
        "an option misspelt",
        { macth: SECRET },
        new RegExp(`${name}: unknown option macth: did you mean match`),
      ],
      ["a count of 0", { count: 0 }, new RegExp(`${name}: count takes a whole number from 1 to Infinity`)],
      ["a count as text", { count: "5" }, new RegExp(`${name}: count takes a whole number`)],
      ["a pattern that is an object", { match: anObject }, new RegExp(`${name}: match takes a string`)],
    ]),
  ]
}

const ofOne = (name: "hscanIterator" | "sscanIterator" | "zscanIterator"): Table[string] => [
  ...scans(name, new RegExp(`${name} takes an object of options`), (options) => redis[name](SECRET, options)),
  ...rows(ARGUMENT, (key) => first(redis[name](key)), [
    ["a key that is an object", anObject, /argument 1 is of type Object: pass a string/],
  ]),
]

const wrongNames: readonly Case[] = [
  ["no names", [], /subscribe: pass the names as strings, at least one/],
  ["nothing", undefined, /subscribe: pass the names as strings/],
  ["null", null, /subscribe: pass the names as strings/],
  ["a function", aFunction, /subscribe: pass the names as strings/],
  ["a number", 7, /subscribe: pass the names as strings/],
  ["an object among names", ["a", anObject], /subscribe: pass the names as strings/],
]

const subscribing = (name: "subscribe" | "psubscribe" | "ssubscribe"): Table[string] => [
  ...rows(ARGUMENT, (names) => redis[name](names), wrongNames),
  ...rows(ARGUMENT, (options) => redis[name]("a", options), [
    ["a second name", SECRET, /subscribe: pass the names as one array, and read the messages with for await/],
    ["a callback", aFunction, /subscribe: pass the names as one array/],
    ["null", null, /subscribe: pass the names as one array/],
    ["an array", [SECRET], /subscribe takes an object of options/],
    [
      "an option misspelt",
      { maxBufferd: 5 },
      /subscribe: unknown option maxBufferd: did you mean maxBuffered/,
    ],
    [
      "room for nothing",
      { maxBuffered: 0 },
      /subscribe: maxBuffered takes a whole number from 1 to Infinity/,
    ],
    ["room as text", { maxBuffered: "5" }, /subscribe: maxBuffered takes a whole number/],
    ["a signal that is none", { signal: anObject }, /subscribe: signal takes an AbortSignal/],
  ]),
]

const wrongKey: readonly Case[] = [
  ["an option misspelt", { kye: SECRET }, /acquire: unknown option kye: did you mean key/],
  ["a key that is an object", { key: anObject }, /argument 1 is of type Object: pass a string/],
]
const takesKey = /acquire takes an object of options/

const collecting = (collect: (commands: never) => unknown): Table[string] => [
  ...rows(ARGUMENT, collect, [
    ["null", null, /pipeline and multi take an array of \[name, \.\.\.args\], or nothing/],
    ["a function", aFunction, /pipeline and multi take an array/],
    ["an object", anObject, /pipeline and multi take an array/],
    ["a string", SECRET, /pipeline and multi take an array/],
    ["a command that is no array", ["get"], /pipeline and multi take an array of \[name, \.\.\.args\]/],
    ["a command without a name", [[]], /call takes a command's name first/],
    ["a name that is an object", [[anObject]], /call takes a command's name/],
    [
      "an argument that is an object",
      [["get", anObject]],
      /GET: argument 1 is of type Object: pass a string/,
    ],
    [
      "a callback",
      [["get", "k", aFunction]],
      /GET: argument 2 is of type Function: .*callbacks are not supported/,
    ],
  ]),
]

const wrongCalls: readonly Case[] = [
  ["no name", [], /call takes a command's name first/],
  ["an empty name", [""], /call takes a command's name/],
  ["a name that is an object", [anObject], /call takes a command's name/],
  ["an argument that is an object", ["GET", anObject], /GET: argument 1 is of type Object: pass a string/],
  [
    "a promise",
    ["SET", "k", Promise.resolve(SECRET)],
    /SET: argument 2 is of type Promise: .*await the promise/,
  ],
  ["an array in an array", ["DEL", [[SECRET]]], /DEL: argument 1 is of type Array: pass a string/],
  ["a symbol", ["GET", Symbol(SECRET)], /GET: argument 1 is of type Symbol: pass a string/],
  [
    "a callback",
    ["GET", "k", aFunction],
    /GET: argument 2 is of type Function: .*callbacks are not supported/,
  ],
]

const script = redis.defineScript("return 1", { keys: 1 })
/** For rows that need a lease; made by the first of them. */
const leased = async (use: (lease: Lease) => unknown): Promise<unknown> => {
  const lease = await redis.acquire()
  try {
    return await use(lease)
  } finally {
    await lease.release()
  }
}

export const client: Table = {
  "Redis pipeline": collecting((commands) => redis.pipeline(commands)),
  "Redis multi": collecting((commands) => redis.multi(commands)),
  "Lease pipeline": collecting((commands) => leased((lease) => lease.pipeline(commands))),
  "Lease multi": collecting((commands) => leased((lease) => lease.multi(commands))),
  "Pipeline exec": rows(
    ARGUMENT,
    (callback) => {
      const pipeline = redis.pipeline()
      return Reflect.apply(pipeline.exec, pipeline, [callback])
    },
    [["a callback", aFunction, /exec: callbacks are not supported, await the promise/]],
  ),
  "Redis call": rows(ARGUMENT, (args) => redis.call(...(args as [string])), wrongCalls),
  "Lease call": rows(ARGUMENT, (args) => leased((lease) => lease.call(...(args as [string]))), wrongCalls),
  "Lease callBuffer": rows(
    ARGUMENT,
    (args) => leased((lease) => lease.callBuffer(...(args as [string]))),
    wrongCalls,
  ),
  "Pipeline call": rows(ARGUMENT, (args) => redis.pipeline().call(...(args as [string])), wrongCalls),
  "Pipeline callBuffer": rows(
    ARGUMENT,
    (args) => redis.pipeline().callBuffer(...(args as [string])),
    wrongCalls,
  ),
  "Redis callBuffer": rows(ARGUMENT, (args) => redis.callBuffer(...(args as [string])), wrongCalls),
  "Redis with": [
    ...noObject(ARGUMENT, (options) => redis.with(options), /with takes an object of options/),
    ...rows(ARGUMENT, (options) => redis.with(options), [
      ["an option misspelt", { timeoutMS: 5 }, /with: unknown option timeoutMS: did you mean timeoutMs/],
      ["no time", { timeoutMs: 0 }, /with: timeoutMs takes a number of milliseconds above 0/],
      ["time as text", { timeoutMs: "5" }, /with: timeoutMs takes a number/],
      ["a signal that is none", { signal: anObject }, /with: signal takes an AbortSignal/],
      ["a signal that is a function", { signal: aFunction }, /with: signal takes an AbortSignal/],
    ]),
  ],
  "Redis scanIterator": scans("scanIterator", /scanIterator takes an object of options/, (options) =>
    redis.scanIterator(options),
  ),
  "Redis hscanIterator": ofOne("hscanIterator"),
  "Redis sscanIterator": ofOne("sscanIterator"),
  "Redis zscanIterator": ofOne("zscanIterator"),
  "Redis defineScript": [
    ...noObject(
      ARGUMENT,
      (options) => redis.defineScript(SECRET, options),
      /defineScript takes an object of options/,
    ),
    ...rows(ARGUMENT, (options) => redis.defineScript(SECRET, options), [
      ["an option misspelt", { keys: 1, key: 1 }, /defineScript: unknown option key: did you mean keys/],
      ["no count", {}, /defineScript: keys takes a whole number from 0 to Infinity/],
      ["a negative count", { keys: -1 }, /a whole number from 0 to Infinity/],
      ["names", { keys: [SECRET] }, /defineScript: keys takes a whole number/],
    ]),
    ...rows(ARGUMENT, (lua) => redis.defineScript(lua, { keys: 0 }), [
      ["no script", undefined, /defineScript takes a string of Lua/],
      ["an empty script", "", /defineScript takes a string of Lua/],
      ["a function for a script", aFunction, /defineScript takes a string of Lua/],
    ]),
  ],
  Script: rows(ARGUMENT, (args) => script(...(args as [string])), [
    ["an argument that is an object", [anObject], /argument 3 is of type Object/],
    ["a callback", ["k", aFunction], /argument 4 is of type Function: .*callbacks are not supported/],
  ]),
  "Script on": [
    ...noClient(
      ARGUMENT,
      (target) => script.on(target),
      /on takes a client, lease, pipeline or transaction first/,
    ),
    ...rows(ARGUMENT, (args) => script.on(redis, ...(args as [string])), [
      ["an argument that is an object", [anObject], /argument 3 is of type Object/],
    ]),
  ],
  "Redis on": [
    ...rows(ARGUMENT, (event) => redis.on(event, () => undefined), [
      ["an event misspelt", "opne", /on takes one of open, close, .* and a function/],
      ["no event", undefined, /on takes one of open/],
      ["a secret", SECRET, /on takes one of open/],
    ]),
    ...rows(ARGUMENT, (listener) => redis.on("open", listener), [
      ["no listener", undefined, /on takes one of .*, and a function/],
      ["an object", anObject, /on takes one of .*, and a function/],
    ]),
  ],
  "Redis acquire": [
    ...noObject(ARGUMENT, (options) => redis.acquire(options), takesKey),
    ...rows(ARGUMENT, (options) => redis.acquire(options), wrongKey),
  ],
  "Redis use": [
    ...noObject(ARGUMENT, (options) => redis.use(() => undefined, options), takesKey),
    ...rows(ARGUMENT, (options) => redis.use(() => undefined, options), wrongKey),
    ...noClient(ARGUMENT, (fn) => redis.use(fn), /use: pass a function that takes the lease/).filter(
      ({ wrong }) => wrong !== "a function",
    ),
  ],
  "Redis subscribe": subscribing("subscribe"),
  "Redis psubscribe": subscribing("psubscribe"),
  "Redis ssubscribe": subscribing("ssubscribe"),
}

/** Methods that take nothing. */
export const NOTHING_TAKEN: ReadonlySet<string> = new Set([
  ...["settled", "prewarm", "stats", "drain", "close"].map((name) => `Redis ${name}`),
  "Lease release",
  "FetchGateway drain",
  ...["cut", "reset", "stall", "resume", "refuse", "accept", "heal", "close"].map(
    (name) => `FaultProxy ${name}`,
  ),
])

/** One of each, whose methods the table must have. */
export const made = {
  Redis: redis,
  Pipeline: redis.pipeline(),
  Script: script,
  leased,
}
