import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { fateOf } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash/transport"
import { afterAll, beforeAll, expect, it } from "vitest"
import { makeAuthority } from "../../../packages/socket/src/certificates.fixture.ts"

const CLIENT = fileURLToPath(new URL("./https-client.fixture.ts", import.meta.url))
const TOKEN = "planted-token"
const authority = makeAuthority()
const folder = mkdtempSync(join(tmpdir(), "warmpool-https-"))
const trusted = join(folder, "ca.pem")

let server: Server
let connections = 0
let url = ""
beforeAll(async () => {
  writeFileSync(trusted, authority.ca)
  // Says yes to everything: what is asked of it here is its certificate.
  server = createServer(authority.issue("localhost", "127.0.0.1"), (request, response) => {
    request.resume()
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"result":"OK"}')
    })
  })
  server.on("secureConnection", () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `https://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

it("speaks TLS with a server whose certificate is trusted, over one connection", async () => {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted }

  const { stdout } = await promisify(execFile)(process.execPath, [CLIENT, url, TOKEN], { env })

  expect(stdout.trim()).toBe("OK")
  expect(connections).toBe(1)
})

it("fails at once, and sends nothing, where the certificate is not trusted", async () => {
  const transport = upstashTransport({ url, token: TOKEN })
  const redis = createPortableRedis({ transport, commandTimeoutMs: 600_000 })

  const set = redis.set("k", "v")

  await expect(set).rejects.toMatchObject({
    code: "ERR_CONNECTION",
    message: expect.stringMatching(/VERIFY|CERT/),
  })
  expect(fateOf(set)).toBe("unsent")
  await redis.close()
})
