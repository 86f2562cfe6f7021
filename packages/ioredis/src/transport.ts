import { type Connection, ConnectionError, type Traits, type Transport, WarmpoolError } from "@warmpool/core"
import { type Codec, RespConnection } from "@warmpool/core/resp"
import type { Redis } from "ioredis"
import { shakeHands } from "./handshake.ts"
import { SocketStream } from "./socket-stream.ts"
import { type IoredisOptions, readTarget, type Target } from "./target.ts"

const TRAITS: Traits = {
  persistent: true,
  leases: true,
  maxRequests: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
}

const codec: Codec = {
  allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
  measureText: (text) => Buffer.byteLength(text),
}

/**
 * Connects to one server through ioredis. A client that is given serves as a model: each connection has a duplicate
 * of its own, and the client itself is left alone.
 *
 * @throws ConfigError if an option is wrong, two contradict, or a cluster or sentinels are given.
 */
export function ioredisTransport(target: string | IoredisOptions | Redis): Transport {
  const read = readTarget(target)
  return { traits: TRAITS, connect: ({ signal }) => connect(read, signal) }
}

async function connect(target: Target, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted()
  const client = target.create()
  let failure: Error | undefined
  client.on("error", (error: Error) => {
    failure ??= error
  })
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    abandon(client)
    reject(signal.reason)
  }
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    return await Promise.race([open(client, target), aborted])
  } catch (error) {
    abandon(client)
    throw signal.aborted || error instanceof WarmpoolError ? error : failureOf(target, failure ?? error)
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}

async function open(client: Redis, target: Target): Promise<Connection> {
  await client.connect()
  // No I/O happens between ioredis' "ready" and here, so that no byte of the server is missed.
  const stream = new SocketStream(client.stream)
  const connection = new RespConnection(stream, codec)
  stream.listen(connection)
  await shakeHands(connection, target.login)
  return connection
}

/** `disconnect` arms a timer of two seconds if there is a socket, and does not close it before. */
function abandon(client: Redis): void {
  if (client.stream) client.stream.destroy()
  else {
    client.disconnect()
    setImmediate(() => client.stream?.destroy())
  }
}

function failureOf({ address }: Target, cause: unknown): ConnectionError {
  const why =
    cause instanceof Error ? ("code" in cause && String(cause.code)) || cause.message : "no reason is known"
  return new ConnectionError(`no connection to ${address}: ${why}`, { cause, fate: "unsent" })
}
