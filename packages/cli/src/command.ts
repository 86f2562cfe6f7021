/** One command of the program. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  readonly usage: string
  /** Runs it; what keeps the process up afterwards is the command's own. Throws `UsageError` and `ConfigError`. */
  run(args: readonly string[], surroundings: Surroundings): Promise<void>
}

/** What a command is lent. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Says something to whoever started it. */
  say(line: string): void
  /** Says what went wrong while it goes on. */
  warn(line: string): void
}

/** The program was called in a way that it does not understand; the message says what to change. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
