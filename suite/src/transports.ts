import type { Transport } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { socketTransport } from "@warmpool/socket"

/** One way to a server, as the suites run through it. */
export interface TransportCase {
  readonly name: string
  open(url: string): Transport
}

/** Every transport that speaks RESP to a server. */
export const transports: readonly TransportCase[] = [
  { name: "socket", open: (url) => socketTransport({ url }) },
  { name: "ioredis", open: (url) => ioredisTransport(url) },
]

/** The transport of a fixture, which is told its name by the test that starts it. */
export function transportNamed(name: string | undefined): TransportCase {
  const found = transports.find((transport) => transport.name === name)
  if (found === undefined) throw new Error(`there is no transport ${name}`)
  return found
}
