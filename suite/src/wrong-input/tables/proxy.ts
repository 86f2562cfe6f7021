import type { FaultProxy } from "@warmpool/local"
import { built } from "../exported.ts"
import { type Case, rows, SECRET, type Table } from "../row.ts"

const REDIS = "RedisOptionError"
const { FaultProxy: Opened } = await built<{
  FaultProxy: new (target: { host: string; port: number }, port: number) => FaultProxy
}>("local/dist/fault-proxy.js")

/** Nobody connects through it. */
export const proxy: FaultProxy = new Opened({ host: "127.0.0.1", port: 1 }, 1)

const wrongFaults: readonly Case[] = [
  ["an option misspelt", { nht: 2 }, /unknown option "nht": did you mean "nth"\?/],
  ["the reply before the first", { nth: 0 }, /nth must be a whole number from 1 to/],
  ["an end of others", { and: "close" }, /and must be "silence" or "cut" or "reset"/],
  ["no connection to hit", { times: 0 }, /times must be a number of 1 or more/],
  ["a command that is a function", { command: () => SECRET }, /command must be a string that is not empty/],
]

const wrongDelays: readonly Case[] = [
  ["time before now", -1, /requests must be a number of milliseconds of 0 or more/],
  ["time as text", "5", /delay takes an object of options: requests, replies/],
  ["a direction misspelt", { reply: 5 }, /unknown option "reply": did you mean "replies"\?/],
  ["null", null, /delay takes an object of options/],
]

export const faults: Table = {
  "FaultProxy dropReply": rows(REDIS, (options) => proxy.dropReply(options), wrongFaults),
  "FaultProxy cutReply": rows(REDIS, (options) => proxy.cutReply(options), [
    ...wrongFaults,
    ["a part of a byte", { afterBytes: 0.5 }, /afterBytes must be a whole number from 0 to/],
  ]),
  "FaultProxy silence": rows(REDIS, (options) => proxy.silence(options), [
    ["a word of others", { newConnections: "refuse" }, /newConnections must be "pass" or "silent"/],
    ["a word alone", "silent", /silence takes an object of options: newConnections/],
  ]),
  "FaultProxy delay": rows(REDIS, (ms) => proxy.delay(ms), wrongDelays),
  "FaultProxy until": rows(REDIS, (met) => proxy.until(met), [
    ["no condition", undefined, /met must be a function of the counts/],
    ["an object", { connections: 1 }, /met must be a function of the counts/],
  ]),
  "FaultProxy url": rows(REDIS, (url) => proxy.url(url), [
    ["no URL", SECRET, /url: the URL must be like redis:\/\/user:password@host:6379/],
    ["null", null, /url: the URL must be like redis:/],
  ]),
  "FaultProxy throttle": rows(REDIS, (rate) => proxy.throttle(rate), [
    ["nothing a second", 0, /bytesPerSecond must be a number above 0: use stall\(\) to stop/],
    ["no number", SECRET, /bytesPerSecond must be a number above 0/],
  ]),
}
