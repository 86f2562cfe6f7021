import * as cloudflare from "@warmpool/cloudflare"
import * as pool from "@warmpool/cloudflare/pool"
import { built } from "../exported.ts"
import { rows, SECRET, type Table } from "../row.ts"

/** Entries that stand where their runtime is not: whatever they are given, they say what to do. */

const CONFIG = "ConfigError"
const { socketTransport } = await built<typeof import("@warmpool/socket/node")>("socket/dist/unsupported.js")
const { withRedis, bindRedis } = cloudflare as unknown as Record<"withRedis" | "bindRedis", () => never>
const { RedisPool, RedisBinding } = pool as unknown as Record<
  "RedisPool" | "RedisBinding",
  new (
    options: never,
  ) => object
>

const addTheCondition = (name: string) =>
  new RegExp(`${name}: this is not workerd.*: add the condition "workerd"`)
const anything = { url: `redis://:${SECRET}@a` }

export const elsewhere: Table = {
  "cloudflare/elsewhere withRedis": rows(CONFIG, withRedis, [
    ["a call outside workerd", anything, addTheCondition("withRedis")],
  ]),
  "cloudflare/elsewhere bindRedis": rows(CONFIG, bindRedis, [
    ["a call outside workerd", anything, addTheCondition("bindRedis")],
  ]),
  "cloudflare/pool-elsewhere RedisPool": rows(CONFIG, (options) => new RedisPool(options), [
    ["a call outside workerd", anything, addTheCondition("RedisPool")],
  ]),
  "cloudflare/pool-elsewhere RedisBinding": rows(CONFIG, (options) => new RedisBinding(options), [
    ["a call outside workerd", anything, addTheCondition("RedisBinding")],
  ]),
  "socket/unsupported socketTransport": rows(CONFIG, socketTransport, [
    ["a call without sockets", anything, /there are no TCP sockets in this runtime.*: use upstashTransport/],
  ]),
}
