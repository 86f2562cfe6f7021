import type { Connection } from "./transport.ts"

/** A connection's states; `connecting` has no entry yet. */
export type State = "idle" | "shared" | "leased" | "draining" | "closed"

/** After a replacement for age could not be opened, ms until the next attempt. */
const REPLACEMENT_RETRY_MS = 1_000

/** One connection of a pool. Whoever holds it sets `onGone` and `onWritable`. */
export class Entry {
  readonly id: number
  readonly connection: Connection
  /** The node it leads to, where the server is a cluster. */
  readonly node: string | undefined
  /** Wall clock, ms. */
  readonly openedAt: number
  /** When it is to be replaced: wall clock, ms. */
  expiresAt: number
  state: State
  /** When it last became idle: wall clock, ms. */
  idleSince: number
  /** Runs once when the connection is gone, after everything owed was lost. */
  onGone: ((reason: Error) => void) | undefined = undefined
  /** Runs whenever the kernel has taken everything. */
  onWritable: (() => void) | undefined = undefined

  constructor(
    id: number,
    connection: Connection,
    about: { state: State; openedAt: number; lifetimeMs: number; node: string | undefined },
  ) {
    this.id = id
    this.connection = connection
    this.node = about.node
    this.openedAt = about.openedAt
    this.expiresAt = about.openedAt + about.lifetimeMs
    this.state = about.state
    this.idleSince = about.openedAt
  }

  /** Its replacement could not be opened: it serves on for a while. */
  postponeReplacement(now: number): void {
    this.expiresAt = now + REPLACEMENT_RETRY_MS
  }

  /** How long nothing has been heard of it, ms; a clock set back counts as for ever. */
  silentMs(now: number): number {
    const silent = now - this.connection.lastByteAt
    return silent < 0 ? Number.POSITIVE_INFINITY : silent
  }
}
