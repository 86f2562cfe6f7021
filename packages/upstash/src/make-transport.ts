import { ArgumentError, type Connection, type Transport, UnsupportedCommandError } from "@warmpool/core"
import { ExchangeLane } from "@warmpool/core/exchange"
import { makeExchange, type Parts } from "./exchange.ts"
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
  /** The way of one client. */
  line(): Line
  /** A connection for subscriptions. @defaultValue there are none */
  connection?(parts: Parts): Connection
}

/** Makes a transport. */
export function makeTransport(common: Omit<Parts, "line">, make: Makers): UpstashTransport {
  const { server } = common
  return {
    traits: { persistent: false, leases: false, maxRequests: 10_000, maxBytes: MOST_BYTES },
    async connect() {
      if (make.connection) return make.connection({ ...common, line: make.line() })
      throw new UnsupportedCommandError("no subscriptions over HTTP: use a transport over TCP")
    },
    lane(surroundings, limits) {
      const line = make.line()
      const exchange = makeExchange({ ...common, line })
      return new ExchangeLane(surroundings, limits, { exchange, close: () => line.close?.() })
    },
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
