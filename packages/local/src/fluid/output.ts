const KEPT = 64 * 1024

/** What instances write: whole lines go to `onLine`, and the last 64 kB are kept. */
export class Output {
  #kept = ""
  #rest = ""
  readonly #onLine: (line: string) => void

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  /** The last 64 kB. */
  get text(): string {
    return this.#kept
  }

  write(text: string): void {
    this.#kept = (this.#kept + text).slice(-KEPT)
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) this.#onLine(line)
  }

  /** Hands over what came without a line break. */
  endLine(): void {
    if (this.#rest) this.#onLine(this.#rest)
    this.#rest = ""
  }

  /** The last lines, for a message. */
  lastLines(count: number): string {
    return this.#kept.trimEnd().split("\n").slice(-count).join("\n")
  }
}
