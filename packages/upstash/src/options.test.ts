import { ConfigError } from "@warmpool/core"
import { Parser } from "@warmpool/core/resp"
import { describe, expect, it } from "vitest"
import { upstashTransport as nodeTransport } from "./node/transport.ts"
import { upstashTransport as fetchTransport } from "./transport.ts"

const right = { url: "https://eu1-planted.upstash.io", token: "planted-token" }

describe.each([
  { name: "Node", open: (options: object) => nodeTransport(options as Parameters<typeof nodeTransport>[0]) },
  {
    name: "fetch",
    open: (options: object) => fetchTransport(options as Parameters<typeof fetchTransport>[0]),
  },
])("the options on $name", ({ open }) => {
  it.each<[object]>([
    [right],
    [{ ...right, url: " https://host:8080/base/ " }],
    [{ ...right, url: "http://[::1]:8080" }],
    [{ ...right, headers: { "X-Own": "value" } }],
    [{ ...right, readYourWrites: false, fetch: globalThis.fetch, resp2: Parser }],
  ])("take %o", (options) => {
    expect(open(options).traits).toEqual({
      persistent: false,
      leases: false,
      maxRequests: 10_000,
      maxBytes: 1_600_000,
    })
  })

  it.each<[object, string]>([
    [{}, "url"],
    [{ url: right.url }, "token"],
    [{ ...right, token: "" }, "token"],
    [{ token: right.token }, "url"],
    [{ ...right, url: "redis://planted" }, "url takes https://host"],
    [{ ...right, url: "https://user:planted@host" }, "url takes https://host"],
    [{ ...right, url: "https://host?_token=planted" }, "url takes https://host"],
    [{ ...right, url: "planted" }, "url takes https://host"],
    [{ ...right, token: "plan\nted" }, "token"],
    [{ ...right, token: "planted ✓" }, "token"],
    [{ ...right, tokn: "x" }, "did you mean token?"],
    [{ ...right, headers: { "a b": "planted" } }, "headers"],
    [{ ...right, headers: { a: "planted\r\nb: c" } }, "headers"],
    [{ ...right, readYourWrites: "yes" }, "readYourWrites"],
    [{ ...right, fetch: {} }, "fetch"],
    [{ ...right, resp2: "planted" }, "resp2"],
  ])("refuse %o, and show no value", (options, problem) => {
    const opening = () => open(options)

    expect(opening).toThrow(ConfigError)
    expect(opening).toThrow(problem)
    expect(opening).not.toThrow(/plant/)
  })
})
