import { createRedis, defaultHost, type Host, type Redis } from "@warmpool/core"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { transports } from "../transports.ts"
import { type ClientOptions, useRig } from "./rig.ts"
import { planted, wordsOf } from "./words.ts"

const PASSWORD = "planted-password"
const KEY = "planted-key"
const VALUE = "planted-value"
const FIELD = "planted-field"

type Act = (redis: Redis) => Promise<unknown>

/** Answers of the server that show, or might show, what they were asked. */
const ANSWERS: readonly (readonly [what: string, act: Act])[] = [
  ["an unknown command", (redis) => redis.call("NOSUCH", KEY, VALUE)],
  [
    "an unknown command with bytes",
    (redis) => redis.callBuffer("NOSUCH", Buffer.from(KEY), Buffer.from(VALUE)),
  ],
  ["too many arguments", (redis) => redis.call("GET", KEY, VALUE)],
  ["a wrong type", (redis) => redis.lpush(KEY, VALUE)],
  ["a value that is no number", (redis) => redis.incr(KEY)],
  ["a field that is no number", (redis) => redis.hincrby("hash", FIELD, 1)],
  ["a wrong option", (redis) => redis.call("SET", KEY, VALUE, "planted-option")],
  ["a wrong option of EXPIRE", (redis) => redis.call("EXPIRE", KEY, "10", "planted-option")],
  ["a group that does not exist", (redis) => redis.xpending("planted-missing", "planted-group")],
  [
    "a stream that does not exist",
    (redis) => redis.xreadgroup("GROUP", "planted-group", "c", "STREAMS", "planted-missing", ">"),
  ],
  ["a consumer group of INFO", (redis) => redis.call("XINFO", "CONSUMERS", "stream", "planted-group")],
  ["a user's rule", (redis) => redis.call("ACL", "SETUSER", "u", "planted-rule")],
  ["a user's password", (redis) => redis.call("ACL", "SETUSER", "u", `#${PASSWORD}`)],
  ["a setting", (redis) => redis.call("CONFIG", "SET", "maxmemory", VALUE)],
  ["a setting that does not exist", (redis) => redis.call("CONFIG", "SET", "planted-setting", VALUE)],
  ["a script's error", (redis) => redis.eval("error(KEYS[1])", 1, KEY)],
  ["a script's reply", (redis) => redis.eval("return redis.error_reply('E ' .. ARGV[1])", 0, VALUE)],
  ["a script's command", (redis) => redis.eval("return redis.call('INCR', KEYS[1])", 1, KEY)],
  ["a script that is not known", (redis) => redis.evalsha("0".repeat(40), 1, KEY, VALUE)],
  ["a user without permission", (redis) => redis.call("ACL", "DRYRUN", "planted-user", "GET", KEY)],
  ["a transaction's command", (redis) => redis.multi().set(KEY, VALUE).incr(KEY).exec()],
  ["an aborted transaction", (redis) => redis.multi().set(KEY, VALUE).call("NOSUCH", KEY, VALUE).exec()],
  ["a pipeline's command", (redis) => redis.pipeline().xpending(KEY, "planted-group").incr(KEY).exec()],
  ["a lease's command", (redis) => redis.use((lease) => lease.call("NOSUCH", KEY, VALUE))],
  ["a blocking command", (redis) => redis.blpop(KEY, 0.01)],
]

/** Calls that never leave the process. */
const WRONG_CALLS: readonly (readonly [what: string, act: (redis: Redis) => unknown])[] = [
  ["a callback", (redis) => redis.call("SET", KEY, VALUE, (() => VALUE) as never)],
  ["an object", (redis) => redis.call("SET", KEY, { planted: VALUE } as never)],
  ["a symbol", (redis) => redis.call("SET", KEY, Symbol(VALUE) as never)],
  ["a date", (redis) => redis.call("HSET", KEY, FIELD, new Date(0) as never)],
  ["an error", (redis) => redis.call("SET", KEY, new Error(VALUE) as never)],
  ["a stateful command", (redis) => redis.call("WATCH", KEY)],
  ["a password", (redis) => redis.call("AUTH", "app", PASSWORD)],
  ["a subscription", (redis) => redis.call("SUBSCRIBE", KEY)],
  ["a blocking command in a pipeline", (redis) => redis.pipeline().call("BLPOP", KEY, 1)],
  ["limits", (redis) => redis.with({ planted: VALUE } as never)],
  ["an event", (redis) => redis.on(VALUE as never, () => undefined)],
]

/** What goes wrong around a command. */
const MISHAPS = ["cut", "reset", "silence", "refuse", "kill", "pause"] as const

describe.each(transports)("secrets over $name", (transport) => {
  const rig = useRig(transport, { password: PASSWORD })
  const said: string[] = []
  const host: Host = {
    ...defaultHost,
    subscribed: () => true,
    publish: (event, detail) => said.push(wordsOf({ event, detail })),
  }
  const EVENTS = ["open", "close", "evict", "thaw", "retry", "timeout", "lease", "leak", "batch"] as const

  function listeningClient(options: ClientOptions = {}): Redis {
    const redis = rig.client({ host, leakWarnAfterMs: 1, ...options })
    for (const event of EVENTS) redis.on(event, (detail) => said.push(wordsOf({ event, detail })))
    return redis
  }

  /** Everything that an attempt makes known: its error, or the errors in its result. */
  async function tell(attempt: () => unknown): Promise<string> {
    try {
      const result = await attempt()
      const errors = Array.isArray(result) ? result.flat().filter((item) => item instanceof Error) : []
      return errors.map(wordsOf).join("\n")
    } catch (error) {
      return wordsOf(error)
    }
  }

  const listenToWarning = (warning: Error) => said.push(wordsOf(warning))

  beforeEach(() => {
    said.length = 0
    process.on("warning", listenToWarning)
    for (const method of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, method).mockImplementation((...words) => void said.push(wordsOf(words)))
    }
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((words) => said.push(String(words)) > 0)
    }
  })

  afterEach(() => {
    vi.restoreAllMocks()
    process.off("warning", listenToWarning)
    expect(said.filter((words) => planted.test(words))).toEqual([])
  })

  it.each(ANSWERS)("are not in the answer to %s", async (_what, act) => {
    await rig.server.command("SET", KEY, VALUE)
    await rig.server.command("HSET", "hash", FIELD, VALUE)
    await rig.server.command("XADD", "stream", "*", FIELD, VALUE)
    const redis = listeningClient()

    const words = await tell(() => act(redis))

    expect(words).toMatch(/ReplyError/)
    expect(words).not.toMatch(planted)
  })

  it.each(WRONG_CALLS)("are not in the refusal of %s", async (_what, act) => {
    const redis = listeningClient()

    const words = await tell(() => act(redis))

    expect(words).toMatch(/ArgumentError|UnsupportedCommandError/)
    expect(words).not.toMatch(planted)
  })

  it.each(MISHAPS)("are not in what a %s makes known", async (mishap) => {
    const redis = listeningClient({ commandTimeoutMs: 150, acquireTimeoutMs: 500, validateTimeoutMs: 30 })
    await redis.with({ timeoutMs: 15_000 }).prewarm()
    const lease = await redis.acquire()
    if (mishap === "kill") await rig.server.kill()
    else if (mishap === "pause") await rig.server.pause()
    else rig.proxy.stall()
    const attempts = [
      () => redis.set(KEY, VALUE),
      () => redis.get(KEY),
      () => redis.multi().set(KEY, VALUE).exec(),
      () => redis.pipeline().set(KEY, VALUE).get(KEY).exec(),
      () => lease.set(KEY, VALUE),
      () => redis.blpop(KEY, 0.01),
      () => redis.with({ timeoutMs: 5 }).hset(KEY, { [FIELD]: VALUE }),
    ].map(tell)
    const told = redis.call("SET", KEY, "v".repeat(100_000), "PX", "planted-time")

    await new Promise((resolve) => setImmediate(resolve))
    if (mishap === "cut" || mishap === "reset") await rig.proxy[mishap]()
    else if (mishap === "silence") rig.proxy.silence()
    else if (mishap === "refuse") rig.proxy.refuse()
    const words = [...(await Promise.all(attempts)), await tell(() => told)]
    await lease.release()

    if (mishap === "kill") await rig.server.restart()

    expect(words.join("\n")).toMatch(/OutcomeUnknownError|TimeoutError/)
    expect(planted.test(words.join("\n"))).toBe(false)
    expect(said.length).toBeGreaterThan(0)
  })

  it.each([
    ["a wrong password", "redis://:planted-wrong@host"],
    ["an unknown user", "redis://app:planted-wrong@host"],
    ["a database that does not exist", `redis://:${PASSWORD}@host/99`],
  ])("are not in the refusal of %s", async (_what, url) => {
    const redis = listeningClient({ url: rig.proxy.url(url) })

    const words = await Promise.all([
      tell(() => redis.set(KEY, VALUE)),
      tell(() => redis.use((lease) => lease.get(KEY))),
      tell(() => redis.prewarm()),
    ])

    expect(words.every((told) => /WRONGPASS|DB index/.test(told))).toBe(true)
    expect(planted.test(words.join("\n"))).toBe(false)
  })

  it.each([
    "planted-scheme://user:planted-password@host",
    "redis://user:planted-pass@word@ho st",
    "redis://:planted-password@host:99999999",
    "redis://:planted-password#@host",
    "redis://:%zzplanted@host",
    "redis://:planted-password@host/planted-database",
    "redis://:planted-password@host?planted=planted-value",
    "planted-password",
  ])("are not in the refusal of the URL %j", async (url) => {
    const words = await tell(() => transport.open(url))

    expect(words).toMatch(/ConfigError/)
    expect(words).not.toMatch(/planted-(?:pass|value|database)|%zz/)
  })

  it("are not in a client, a lease or a pipeline that is printed", async () => {
    const redis = listeningClient({ keyPrefix: "planted-prefix:" })
    const lease = await redis.acquire()
    const pipeline = redis.pipeline().set(KEY, VALUE)

    for (const shown of [redis, lease, pipeline, redis.multi().set(KEY, VALUE), redis.set(KEY, VALUE)]) {
      expect(planted.test(wordsOf(shown))).toBe(false)
    }
    await lease.release()
  })

  it("are not in the refusal of an option", async () => {
    const open = (options: object) =>
      tell(() => createRedis({ transport: transport.open(rig.proxy.url()), ...options }))

    for (const options of [
      { keyPrefix: 5 },
      { retryWrites: "planted-value" },
      { password: PASSWORD },
      { max: "planted-value" },
    ]) {
      const words = await open(options)
      expect(words).toMatch(/ConfigError/)
      expect(words).not.toMatch(planted)
    }
  })
})
