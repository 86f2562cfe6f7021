import { once } from "node:events"
import { createServer } from "node:net"

/**
 * Below the range from which Linux (32768) and macOS (49152) take the source ports of outgoing connections: while a
 * server is down its port can't be taken by a client, nor can a client that keeps trying connect to itself.
 */
const FIRST = 20_000
const COUNT = 12_000
const TRIES = 100

/** Handed out in this process: two starts at once never get the same. */
const handedOut = new Set<number>()

/** A loopback port on which nobody listens. Another process may still take it first: try again then. */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (handedOut.has(port)) continue
    handedOut.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found on 127.0.0.1 between ${FIRST} and ${FIRST + COUNT - 1}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1")
  try {
    await once(server, "listening")
  } catch {
    return false
  }
  server.close()
  await once(server, "close")
  return true
}
