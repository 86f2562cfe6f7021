import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type RedisServer, startRedis } from "@warmpool/local"

/** An authority and an identity that it vouches for, in PEM. */
export interface Papers {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A server as ElastiCache sets one up: it speaks TLS, and has one user, who has these rights and a password. */
export interface TlsRedis extends AsyncDisposable {
  readonly server: RedisServer
  readonly url: string
  /** Where the authority's certificate is. */
  readonly caFile: string
}

/** @param access - The user's rights, as ElastiCache takes them in an access string. */
export async function startTlsRedis(
  papers: Papers,
  { password, access }: { readonly password: string; readonly access: string },
): Promise<TlsRedis> {
  const folder = await mkdtemp(join(tmpdir(), "warmpool-sam-tls-"))
  for (const [name, content] of Object.entries(papers)) await writeFile(join(folder, `${name}.pem`), content)
  const port = await freePort()
  const files = ["ca-cert", "cert", "key"].map((option) => [
    `--tls-${option}-file`,
    join(folder, `${option.replace("-cert", "")}.pem`),
  ])
  const args = ["--tls-port", String(port), "--tls-auth-clients", "no", ...files.flat()]
  const server = await startRedis({ password, args })
  // The user is about to lose the rights that a test needs: its own commands are another's from here on.
  await server.command("ACL", "SETUSER", "operator", "on", ">operator", "~*", "&*", "+@all")
  await server.command("AUTH", "operator", "operator")
  await server.command("ACL", "SETUSER", "default", "reset", `>${password}`, ...access.split(" "))
  return {
    server,
    url: `rediss://localhost:${port}`,
    caFile: join(folder, "ca.pem"),
    async [Symbol.asyncDispose]() {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
