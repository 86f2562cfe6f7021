import type { Redis } from "@warmpool/core"

/** Lambda sends SIGKILL 500 ms after SIGTERM: what has not finished by then is cut off by us, in order. */
const DRAIN_MS = 200

const clients = new Set<Redis>()
let registered = false

/** Where Lambda's Extensions API is, `host:port`. */
export interface ExtensionsApi {
  readonly address: string
}

/**
 * Closes the client when Lambda shuts the sandbox down, so that the server is not left with a dead socket.
 * Lambda sends SIGTERM only to sandboxes in which an extension is registered: an internal one without events is enough.
 * Source: AWS Lambda developer guide, "Lambda runtime environment lifecycle", shutdown phase.
 */
export function closeOnShutdown(redis: Redis, { address }: ExtensionsApi): void {
  clients.add(redis)
  if (registered) return
  registered = true
  process.once("SIGTERM", () => void shutDown())
  register(address).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(`warmpool will not close its connections at shutdown: ${why}`)
  })
}

async function shutDown(): Promise<void> {
  await Promise.all([...clients].map(closeSoon))
  // Others who listen finish their own work and exit themselves.
  if (process.listenerCount("SIGTERM") === 0) process.exit(0)
}

/** Lets commands finish for a moment; a server that is silent does not hold the sandbox up. */
async function closeSoon(redis: Redis): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, DRAIN_MS)
  await Promise.race([redis.drain(), promise])
  clearTimeout(timer)
  await redis.close()
}

/** Registers, then asks for the next event: the init phase ends only when every extension has asked. */
async function register(address: string): Promise<void> {
  const { request } = process.getBuiltinModule("node:http")
  const [hostname, port] = address.split(":")
  const call = (method: string, path: string, headers: Record<string, string>) =>
    request({ hostname, port, method, path: `/2020-01-01/extension/${path}`, headers, agent: false })
  const identifier = await new Promise<string>((resolve, reject) => {
    const registration = call("POST", "register", {
      "Lambda-Extension-Name": "warmpool",
      "Content-Type": "application/json",
    })
    registration.on("error", reject)
    registration.on("response", (response) => {
      response.resume()
      const identifier = response.headers["lambda-extension-identifier"]
      if (response.statusCode === 200 && typeof identifier === "string") resolve(identifier)
      else
        reject(
          new Error(
            `Lambda refused the extension with status ${response.statusCode}: is createRedis called in init, at module scope?`,
          ),
        )
    })
    registration.end('{"events":[]}')
  })
  const next = call("GET", "event/next", { "Lambda-Extension-Identifier": identifier })
  next.on("error", () => process.emitWarning("warmpool's extension lost its connection to Lambda"))
  next.on("response", (response) => response.resume())
  next.on("socket", (socket) => socket.unref())
  next.end()
}
