import { ArgumentError, type Transport } from "@warmpool/core"
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

/** Makes a transport; `open` makes the way of one connection. */
export function makeTransport(parts: Omit<Parts, "line">, open: () => Line): UpstashTransport {
  const { server } = parts
  const connect = () => new HttpConnection({ ...parts, line: open() })
  return {
    traits: { persistent: false, leases: false, maxRequests: 10_000, maxBytes: MOST_BYTES },
    connect: async () => connect(),
    lane: (surroundings, limits) => new ExchangeLane(surroundings, limits, connect()),
    get syncToken() {
      return server.token
    },
    set syncToken(token) {
      if (token === undefined || server.token === undefined || !/^[\x21-\x7e]*$/.test(token))
        throw new ArgumentError(
          "syncToken takes what syncToken of another transport with readYourWrites gave",
        )
      server.import(token)
    },
  }
}
