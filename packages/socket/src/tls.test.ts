import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Connection, ConnectionError, type Reply } from "@warmpool/core"
import { describeTransport } from "@warmpool/core/testing"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask } from "./ask.fixture.ts"
import { makeAuthority } from "./certificates.fixture.ts"
import { startFront } from "./front.fixture.ts"
import { type NodeSocketOptions, socketTransport } from "./node.ts"

const authority = makeAuthority()
const server = authority.issue("localhost", "127.0.0.1", "redis.test")
const client = authority.issue("the client")
const never = new AbortController().signal

const open = (options: NodeSocketOptions): Promise<Connection> =>
  socketTransport(options).connect({ signal: never })

/** Opens, asks once, and closes. */
async function pong(options: NodeSocketOptions): Promise<Reply> {
  const connection = await open(options)
  const reply = await ask(connection, "PING")
  await connection.close()
  return reply
}

describe("a redis-server with a TLS port", () => {
  let folder: string
  let redis: RedisServer
  let port: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "warmpool-tls-"))
    port = await freePort()
    const files = { ca: authority.ca, cert: server.cert, key: server.key }
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, `${name}.pem`), content)
    redis = await startRedis({
      args: [
        ...["--tls-port", String(port), "--tls-auth-clients", "optional"],
        ...["--tls-ca-cert-file", join(folder, "ca.pem")],
        ...["--tls-cert-file", join(folder, "cert.pem"), "--tls-key-file", join(folder, "key.pem")],
      ],
    })
  })

  afterAll(async () => {
    await redis.close()
    await rm(folder, { recursive: true })
  })

  it("answers to whom trusts its authority", async () => {
    expect(await pong({ url: `rediss://localhost:${port}`, tls: { ca: authority.ca } })).toBe("PONG")
    expect(await pong({ host: "127.0.0.1", port, tls: { ca: Buffer.from(authority.ca) } })).toBe("PONG")
    expect(
      await pong({ host: "127.0.0.1", port, tls: { ca: [authority.ca], servername: "redis.test" } }),
    ).toBe("PONG")
  })

  it("carries large values both ways", async () => {
    const connection = await open({ host: "localhost", port, tls: { ca: authority.ca } })
    const value = "0123456789é".repeat(500_000)

    await ask(connection, "SET", "large", value)

    expect((await ask(connection, "GET", "large")) === value).toBe(true)
    await connection.close()
  })

  it.each<[string, object, string]>([
    ["an unknown authority", {}, "SELF_SIGNED_CERT_IN_CHAIN"],
    ["another authority", { ca: makeAuthority("another").ca }, "SELF_SIGNED_CERT_IN_CHAIN"],
    ["another name", { ca: authority.ca, servername: "other.test" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("is refused for %s, and the error says so", async (_name, tls, code) => {
    const failed = await open({ host: "localhost", port, tls }).catch((error) => error)

    expect(failed).toBeInstanceOf(ConnectionError)
    expect(failed.message).toBe(`no connection to localhost:${port}: ${code}`)
    expect(failed).toMatchObject({ fate: "unsent", cause: { code } })
  })

  it("is taken for what it is where that is asked for", async () => {
    expect(await pong({ host: "localhost", port, tls: { rejectUnauthorized: false } })).toBe("PONG")
  })

  it("lets in a client with a certificate, and no other, when it asks for one", async () => {
    await redis.command("CONFIG", "SET", "tls-auth-clients", "yes")
    const tls = { ca: authority.ca }

    expect(await pong({ host: "localhost", port, tls: { ...tls, ...client } })).toBe("PONG")
    await expect(pong({ host: "localhost", port, tls })).rejects.toThrow(/lost|closed|connection/)

    await redis.command("CONFIG", "SET", "tls-auth-clients", "optional")
  })

  it("refuses a client that does not speak TLS", async () => {
    await expect(pong({ host: "localhost", port })).rejects.toThrow(/lost|closed/)
  })
})

describe("a TLS connection", () => {
  const withFront = async (run: (front: Awaited<ReturnType<typeof startFront>>) => Promise<void>) => {
    const redis = await startRedis()
    const tls = {
      cert: server.cert,
      key: server.key,
      ca: authority.ca,
      requestCert: true,
      rejectUnauthorized: false,
    }
    const front = await startFront({ target: redis, tls })
    try {
      await run(front)
    } finally {
      await front.close()
      await redis.close()
    }
  }

  it("names the host it wants, and no address", () =>
    withFront(async ({ port, handshakes }) => {
      await pong({ host: "localhost", port, tls: { ca: authority.ca } })
      await pong({ host: "127.0.0.1", port, tls: { ca: authority.ca } })
      await pong({ host: "127.0.0.1", port, tls: { ca: authority.ca, servername: "redis.test" } })

      expect(handshakes.map(({ servername }) => servername)).toEqual(["localhost", false, "redis.test"])
    }))

  it("shows its own certificate", () =>
    withFront(async ({ port, handshakes }) => {
      await pong({ host: "localhost", port, tls: { ca: authority.ca, ...client } })

      expect(handshakes).toMatchObject([{ client: "the client" }])
    }))

  it("resumes the last session of its transport", () =>
    withFront(async ({ port, handshakes }) => {
      const transport = socketTransport({ host: "localhost", port, tls: { ca: authority.ca } })
      for (let n = 0; n < 3; n++) {
        const connection = await transport.connect({ signal: never })
        await ask(connection, "PING")
        await connection.close()
      }

      expect(handshakes.map(({ resumed }) => resumed)).toEqual([false, true, true])
    }))
})

describeTransport("socketTransport over TLS", async () => {
  const redis = await startRedis({ password: "right" })
  const faults = await startFaultProxy({ target: redis })
  const front = await startFront({ target: faults, tls: { cert: server.cert, key: server.key } })
  const secret = "planted-wrong-password"
  const at = (password: string) =>
    socketTransport({ host: "localhost", port: front.port, password, tls: { ca: authority.ca } })
  return {
    faults,
    rawIsExact: true,
    open: () => at("right"),
    openRefused: () => ({ transport: at(secret), secret }),
    command: (...args) => redis.command(...args),
    async close() {
      await front.close()
      await faults.close()
      await redis.close()
    },
  }
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => probe.once("listening", resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
