import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type RedisServer, startRedis } from "@warmpool/local"
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.fixture.ts"

/** A server that is also reached by TLS and by a Unix socket. */
export interface TlsRedis extends AsyncDisposable {
  readonly redis: RedisServer
  readonly tlsPort: number
  readonly socketPath: string
}

export async function startTlsRedis(): Promise<TlsRedis> {
  const folder = await mkdtemp(join(tmpdir(), "warmpool-ioredis-"))
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")]
  const [tlsPort, socketPath] = [await freePort(), join(folder, "redis.sock")]
  await writeFile(certificate, CERTIFICATE)
  await writeFile(key, PRIVATE_KEY)
  const pair = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate]
  const tls = ["--tls-port", String(tlsPort), "--tls-auth-clients", "no", ...pair]
  const redis = await startRedis({ args: [...tls, "--unixsocket", socketPath] })
  const close = async () => {
    await redis.close()
    await rm(folder, { recursive: true })
  }
  return { redis, tlsPort, socketPath, [Symbol.asyncDispose]: close }
}

/** Free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address ? address.port : 0
}
