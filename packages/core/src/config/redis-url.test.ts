import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { ConfigError } from "../errors.ts"
import { parseRedisUrl } from "./redis-url.ts"

const read = (url: string) => parseRedisUrl(url, "createRedis")

function refusal(url: unknown): ConfigError {
  try {
    read(url as string)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error("nothing was refused")
}

describe("what is right", () => {
  const local = { host: "localhost", port: 6379, tls: false, database: 0 }

  it.each([
    ["redis://localhost", local],
    ["redis://localhost/", local],
    ["  redis://localhost:6379/0\n", local],
    ["REDIS://localhost", local],
    ["valkey://localhost", local],
    ["rediss://localhost", { ...local, tls: true }],
    ["valkeys://localhost:6380/15", { ...local, tls: true, port: 6380, database: 15 }],
    ["redis://10.0.0.1:1", { ...local, host: "10.0.0.1", port: 1 }],
    ["redis://[::1]:7000/2", { ...local, host: "::1", port: 7000, database: 2 }],
    ["redis://:s3cret@localhost", { ...local, password: "s3cret" }],
    ["redis://app:s3cret@localhost", { ...local, username: "app", password: "s3cret" }],
    ["redis://app@localhost", { ...local, username: "app" }],
    ["redis://app:@localhost", { ...local, username: "app" }],
    ["redis://a%40b:p%2Fq%3F%23%25@localhost", { ...local, username: "a@b", password: "p/q?#%" }],
    ["redis://:p@ss@localhost", { ...local, password: "p@ss" }],
    ["redis://:%C3%A4@localhost", { ...local, password: "ä" }],
    ["redis+unix:///run/redis.sock", { ...local, path: "/run/redis.sock" }],
    ["redis+unix:///run/my%20redis.sock?database=3", { ...local, path: "/run/my redis.sock", database: 3 }],
    [
      "redis+unix://app:s3cret@/run/r.sock",
      { ...local, path: "/run/r.sock", username: "app", password: "s3cret" },
    ],
  ])("reads %s", (url, endpoint) => {
    expect(read(url)).toEqual(endpoint)
  })
})

describe("what is wrong", () => {
  it.each([
    ["", "malformed"],
    ["localhost", "malformed"],
    ["localhost:6379", "does not begin with redis:, valkey:"],
    ["reddis://localhost", "does not begin with redis:, valkey:"],
    ["valky://localhost", "does not begin with redis:, valkey:"],
    ["unix:///run/r.sock", "redis+unix:"],
    ["https://eu1.upstash.io", "upstashTransport({ url, token })"],
    ["http://localhost:8080", "upstashTransport({ url, token })"],
    ["redis+cluster://localhost", "cluster entry"],
    ["redis://localhost:99999", "malformed"],
    ["redis://localhost:port", "malformed"],
    ["redis://localhost:0", "has port 0: it takes 1 to 65535"],
    ["redis://[::1", "malformed"],
    ["redis://", "no host"],
    ["redis:///0", "no host"],
    ["redis:localhost", "not a database number"],
    ["redis://localhost/cache", "not a database number"],
    ["redis://localhost/-1", "not a database number"],
    ["redis://localhost/0/1", "not a database number"],
    ["redis://localhost/9999999999", "not a database number"],
    ["redis://localhost?db=1", "unknown parameter db: set it as an option"],
    ["redis://localhost/0?family=6", "unknown parameter family: set it as an option"],
    ["redis://localhost#1", "has a ? or # that is not escaped"],
    ["redis+unix://", "no path"],
    ["redis+unix:///", "no path"],
    ["redis+unix://elsewhere/run/r.sock", "names a host beside its path"],
    ["redis+unix:///run/r.sock?db=1", "unknown parameter"],
    ["redis+unix:///run/r.sock?database=one", "not a database number"],
    [undefined, "the URL is undefined; it takes a string like redis://"],
    [6379, "the URL is a number; it takes a string like redis://"],
  ])("refuses %s", (url, problem) => {
    const { message } = refusal(url)

    expect(message).toMatch(/^createRedis: /)
    expect(message).toContain(problem)
  })

  it.each([
    "redis://:hunter2/x@localhost",
    "redis://app:1234/hunter2@localhost",
    "redis://app:1234?hunter2@localhost",
    "redis://app:1234?hunter2&x=1@localhost",
    "redis://app:1234#hunter2@localhost",
    "redis://:hunter2#@localhost",
    "redis://:hunter2%zz@localhost",
    "redis://:hunter2@",
    "redis://:hunter2@localhost:0",
    "redis://:hunter2@localhost/x",
    "hunter2:x@localhost",
    "https://:hunter2@localhost",
    "redis+unix://:hunter2@elsewhere/run/r.sock",
    "redis+unix://:hunter2@/",
  ])("shows nothing of the URL it refuses: %s", (url) => {
    expect(inspect(refusal(url), { depth: 9, showHidden: true }).split("\n    at ")[0]).not.toContain(
      "hunter2",
    )
    expect(refusal(url).cause).toBeUndefined()
  })
})
