import type { Arg, Transport } from "../transport.ts"

/**
 * What lies between a transport and its server and makes faults: what `startFaultProxy` of `@warmpool/local`
 * gives, as far as the contract needs it.
 */
export interface Faults {
  /** `open`: connections that clients have open now. */
  readonly counts: { readonly open: number }
  /** Closes every connection in order: what was delivered before stays readable. */
  cut(): Promise<void>
  /** Resets every connection. */
  reset(): Promise<void>
  /** Swallows everything on open connections, for good, and closes none. */
  silence(): void
  /** Reads nothing on any connection, of now or later, until `resume`: send buffers fill, handshakes hang. */
  stall(): void
  resume(): void
  /** Lets commands run, and swallows the reply to the nth from now and everything behind it. */
  dropReply(options: { readonly nth: number; readonly and: "silence" | "cut" }): unknown
  /** Delivers only so many bytes of the reply to the nth command from now, then cuts. */
  cutReply(options: { readonly nth: number; readonly afterBytes: number }): unknown
  /** Refuses new connections. */
  refuse(): void
  /** Ends every fault. */
  heal(): Promise<void>
}

/**
 * What a package lends `describeTransport`: its transport in front of a server that nobody else uses, and the
 * faults between the two.
 *
 * @example
 * ```ts
 * describeTransport("ioredisTransport", async () => {
 *   const redis = await startRedis({ password: "right" })
 *   const faults = await startFaultProxy({ target: redis })
 *   const secret = "planted-wrong-password"
 *   return {
 *     faults,
 *     rawIsExact: false,
 *     open: () => ioredisTransport(faults.url()),
 *     openRefused: () => ({ transport: ioredisTransport(faults.url(`redis://:${secret}@host`)), secret }),
 *     command: (...args) => redis.command(...args),
 *     async close() {
 *       await faults.close()
 *       await redis.close()
 *     },
 *   }
 * })
 * ```
 */
export interface Rig {
  readonly faults: Faults
  /**
   * Whether `raw` is byte for byte what the server sent; false where a library underneath has decoded it, so that
   * `+OK` can't be told from a bulk "OK", nor one null from the other.
   */
  readonly rawIsExact: boolean
  /** A transport whose connections pass through the faults. */
  open(): Transport
  /** One that offers a wrong password, through the faults too: its handshake waits for an answer and is refused. */
  openRefused(): { readonly transport: Transport; readonly secret: string }
  /** One command by an independent client, past the faults; strings come as text. */
  command(...args: Arg[]): Promise<unknown>
  /** The wall clock by which the transport stamps `lastByteAt`. @defaultValue Date.now */
  now?(): number
  /** Ends everything the rig has started. */
  close(): Promise<void>
}
