import { ArgumentError, type Connection, type Transport } from "@warmpool/core"
import { ExchangeLane } from "@warmpool/core/exchange"
import { HttpConnection, type Parts } from "./connection.ts"
import type { Line } from "./line.ts"

/** Speaks with one server of the Upstash REST protocol. */
export interface UpstashTransport extends Transport {
  /**
   * The newest sync token, opaque; empty before the first reply, undefined with `readYourWrites: false`. Set in another
   * invocation before its first command, it lets that one read the writes of this one.
   *
   * @throws ArgumentError when set to what is none.
   */
  syncToken: string | undefined
}

/** JSON takes at most six bytes for one of a string: no batch that fits is over Upstash's 10 MB. */
const MOST_BYTES = 1_600_000

/** How a transport makes what it is made of. */
interface Makers {
  /** The way of one connection. */
  line(): Line
  /** One that is more than a way for batches. @defaultValue none */
  connection?(parts: Parts): Connection
}

/** Makes a transport. */
export function makeTransport(common: Omit<Parts, "line">, make: Makers): UpstashTransport {
  const { server } = common
  const parts = (): Parts => ({ ...common, line: make.line() })
  return {
    traits: { persistent: false, leases: false, maxRequests: 10_000, maxBytes: MOST_BYTES },
    connect: async () => make.connection?.(parts()) ?? new HttpConnection(parts()),
    lane: (surroundings, limits) => new ExchangeLane(surroundings, limits, new HttpConnection(parts())),
    get syncToken() {
      return server.token
    },
    set syncToken(token) {
      if (token === undefined || server.token === undefined || !/^[!-~]*$/.test(token))
        throw new ArgumentError("syncToken takes another transport's, both with readYourWrites")
      // What was sent before it came brings none that counts.
      server.sent += 1
      server.saw(token, server.sent)
    },
  }
}
