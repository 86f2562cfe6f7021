import { ConnectionError, WarmpoolError } from "@warmpool/core"
import { type Codec, RespConnection } from "@warmpool/core/resp"
import type { Redis } from "ioredis"
import { shakeHands } from "./handshake.ts"
import { SocketStream } from "./socket-stream.ts"
import type { Target } from "./target.ts"

/** Makes the connection of a stream; its kind is the caller's. */
type Make = (stream: SocketStream, codec: Codec) => RespConnection

const codec: Codec = {
  allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
  measureText: (text) => Buffer.byteLength(text),
}

const plain: Make = (stream, ourCodec) => new RespConnection(stream, ourCodec)

/** Opens a connection through a client of its own. Throws ConnectionError, or the server's refusal of the handshake. */
export async function openConnection(
  target: Target,
  signal: AbortSignal,
  make: Make = plain,
): Promise<RespConnection> {
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
    return await Promise.race([open(client, target, make), aborted])
  } catch (error) {
    abandon(client)
    throw signal.aborted || error instanceof WarmpoolError ? error : failureOf(target, failure ?? error)
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}

async function open(client: Redis, target: Target, make: Make): Promise<RespConnection> {
  await client.connect()
  // No I/O happens between ioredis' "ready" and here, so that no byte of the server is missed.
  const stream = new SocketStream(client.stream)
  const connection = make(stream, codec)
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

function failureOf({ address, explain }: Target, cause: unknown): ConnectionError {
  const why =
    explain?.(cause) ??
    (cause instanceof Error ? ("code" in cause && String(cause.code)) || cause.message : "no reason is known")
  return new ConnectionError(`no connection to ${address}: ${why}`, { cause, fate: "unsent" })
}
