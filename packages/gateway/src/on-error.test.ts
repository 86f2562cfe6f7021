import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

/** In a process of its own: what is thrown there ends up as an uncaught error, which a test run counts as its own. */
const PROGRAM = `
  import { createRedis } from "@warmpool/core"
  import { createGateway } from "@warmpool/gateway"
  import { socketTransport } from "@warmpool/socket"
  const uncaught = []
  process.on("uncaughtException", (error) => uncaught.push(error.message))
  const gateway = createGateway({
    redis: createRedis({ transport: socketTransport({ url: "redis://127.0.0.1:1" }) }),
    tokens: [{ token: "token-of-app", user: { username: "app", password: "of-app" } }],
    openRedis: () => { throw new Error("planted") },
    onError: () => { throw new Error("the log is full") },
  })
  const headers = { authorization: "Bearer token-of-app" }
  const response = await gateway.fetch(new Request("http://gateway/get/k", { headers }))
  console.log(JSON.stringify([response.status, await response.text(), uncaught]))
`

it("answers although whoever is told of a failure throws, which does not go unseen", async () => {
  const args = ["--input-type=module", "--eval", PROGRAM]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })

  const [status, body, uncaught] = JSON.parse(stdout)
  expect([status, uncaught]).toEqual([500, ["the log is full"]])
  expect(body).toContain("the gateway failed: Error")
  expect(body).not.toContain("planted")
})
