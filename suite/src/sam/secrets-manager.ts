import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** Secrets Manager, as far as it can't be run here: it gives secrets to whoever names them, and counts. */
export interface SecretsManager extends AsyncDisposable {
  readonly url: string
  readonly reads: number
}

/** @param secrets - Their strings, by ARN. They may change meanwhile. */
export async function startSecretsManager(secrets: Record<string, object>): Promise<SecretsManager> {
  let reads = 0
  const server = createServer(async (request, response) => {
    const { SecretId } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const target = request.headers["x-amz-target"]
    const secret = target === "secretsmanager.GetSecretValue" ? secrets[SecretId] : undefined
    reads += 1
    response.setHeader("content-type", "application/x-amz-json-1.1")
    if (secret) response.end(JSON.stringify({ ARN: SecretId, SecretString: JSON.stringify(secret) }))
    else response.writeHead(400).end(JSON.stringify({ __type: "ResourceNotFoundException" }))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get reads() {
      return reads
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
