import { describe, expect, it } from "vitest"
import { ConfigError } from "../errors.ts"
import { parseClusterUrl, readClusterNodes } from "./cluster.ts"

const nobody = { tls: false, username: undefined, password: undefined }
const node = (host: string, port = 6379) => ({ host, port })

describe("a cluster's URL", () => {
  it.each([
    ["redis+cluster://a", { ...nobody, nodes: [node("a")] }],
    ["redis+cluster://a:1,b:2,c", { ...nobody, nodes: [node("a", 1), node("b", 2), node("c")] }],
    ["valkey+cluster://a,[::1]:7000/", { ...nobody, nodes: [node("a"), node("::1", 7000)] }],
    [
      "rediss+cluster://:s3cret@a,b",
      { ...nobody, tls: true, password: "s3cret", nodes: [node("a"), node("b")] },
    ],
    [
      "redis+cluster://app:p%2Fq%40@a:1,b/0",
      { tls: false, username: "app", password: "p/q@", nodes: [node("a", 1), node("b")] },
    ],
  ])("is read: %s", (url, endpoint) => {
    expect(parseClusterUrl(url, "here")).toEqual(endpoint)
  })

  it.each([
    ["redis+cluster://", "malformed"],
    ["redis+cluster://:hunter2@", "malformed"],
    ["redis+clusters://a", "malformed"],
    ["redis+cluster://:hunter2@a,", "malformed"],
    ["redis+cluster://:hunter2@a/1", "a cluster has no databases"],
    ["redis+cluster://:hunter2@a,b:99999", "malformed"],
    ["redis+cluster://:hunter2@a?db=1", "unknown parameter"],
  ])("is refused, and not shown: %s", (url, problem) => {
    const read = () => parseClusterUrl(url, "here")

    expect(read).toThrow(ConfigError)
    expect(read).toThrow(problem)
    expect(read).not.toThrow(/hunter2/)
  })
})

describe("a list of nodes", () => {
  it("takes URLs and addresses", () => {
    expect(readClusterNodes("here", ["rediss://:s3cret@a:1", { host: "b" }])).toEqual({
      ...nobody,
      tls: true,
      password: "s3cret",
      nodes: [node("a", 1), node("b")],
    })
  })

  it.each([
    [[], "at least one"],
    ["redis://a", "at least one"],
    [["redis://a/1"], "a cluster has no databases"],
    [["redis+unix:///run/r.sock"], "no Unix socket"],
    [["redis://a", "rediss://b"], "differ in tls"],
    [["redis://:hunter2@a", "redis://:hunter3@b"], "differ in password"],
    [[{ port: 1 }], "without a host"],
    [[{ host: "a", prot: 1 }], "did you mean port?"],
    [[5], "cluster has a number in its list"],
  ])("refuses %j", (list, problem) => {
    const read = () => readClusterNodes("here", list)

    expect(read).toThrow(ConfigError)
    expect(read).toThrow(problem)
    expect(read).not.toThrow(/hunter/)
  })
})
