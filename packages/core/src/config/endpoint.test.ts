import { describe, expect, it } from "vitest"
import { ConfigError } from "../errors.ts"
import { type EndpointOptions, endpointSpec, readEndpoint } from "./endpoint.ts"
import { readOptions } from "./options.ts"

const read = (options: EndpointOptions) =>
  readEndpoint("createRedis", readOptions("createRedis", endpointSpec, options))

describe("what is right", () => {
  const local = { host: "localhost", port: 6379, tls: false, database: 0 }

  it.each<[EndpointOptions, object]>([
    [{ host: "localhost" }, local],
    [
      { host: "db", port: 7000, tls: true, database: 2 },
      { host: "db", port: 7000, tls: true, database: 2 },
    ],
    [
      { host: "localhost", tls: {} },
      { ...local, tls: true },
    ],
    [
      { host: "localhost", username: "app", password: "s" },
      { ...local, username: "app", password: "s" },
    ],
    [{ path: "/run/r.sock" }, { ...local, path: "/run/r.sock" }],
    [{ url: "redis://localhost" }, local],
    [{ url: "redis://localhost", host: undefined }, local],
    [
      { url: "redis://localhost", password: "s", database: 4 },
      { ...local, password: "s", database: 4 },
    ],
    [
      { url: "redis://app@localhost", password: "s" },
      { ...local, username: "app", password: "s" },
    ],
    [
      { url: "redis://localhost/4", database: 4 },
      { ...local, database: 4 },
    ],
    [{ url: "redis://localhost", tls: false }, local],
    [
      { url: "rediss://localhost", tls: { ca: "" } },
      { ...local, tls: true },
    ],
  ])("reads %o", (options, endpoint) => {
    expect(read(options)).toEqual(endpoint)
  })
})

describe("what is wrong", () => {
  it.each<[EndpointOptions, string]>([
    [{}, "createRedis: there is no server: give url, host or path"],
    [{ port: 6379 }, "createRedis: there is no server: give url, host or path"],
    [{ url: "redis://localhost", host: "localhost" }, "createRedis: url and host contradict: keep one"],
    [{ url: "redis://localhost", port: 6379 }, "createRedis: url and port contradict: keep one"],
    [{ url: "redis://localhost", path: "/run/r.sock" }, "createRedis: url and path contradict: keep one"],
    [{ path: "/run/r.sock", host: "localhost" }, "createRedis: path and host contradict: keep one"],
    [{ path: "/run/r.sock", port: 6379 }, "createRedis: path and port contradict: keep one"],
    [
      { url: "redis://localhost", tls: true },
      "createRedis: url and tls contradict: leave tls out, and begin the url with rediss: or valkeys: for TLS",
    ],
    [
      { url: "rediss://localhost", tls: false },
      "createRedis: url and tls contradict: leave tls out, and begin the url with rediss: or valkeys: for TLS",
    ],
    [{ url: "redis://:a@localhost", password: "b" }, "createRedis: url and password contradict: keep one"],
    [{ url: "redis://a@localhost", username: "b" }, "createRedis: url and username contradict: keep one"],
    [{ url: "redis://localhost/1", database: 2 }, "createRedis: url and database contradict: keep one"],
    [{ host: "localhost", port: 0 }, "createRedis: port takes a whole number from 1 to 65535"],
  ])("refuses %o", (options, message) => {
    expect(() => read(options)).toThrow(new ConfigError(message))
  })
})
