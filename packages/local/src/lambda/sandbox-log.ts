const TAIL_BYTES = 4096

/**
 * What a sandbox writes: whole lines go to `onLine`, and the last 4 KB of the current invocation are kept for
 * `X-Amz-Log-Result`.
 */
export class SandboxLog {
  #rest = ""
  #tail = ""
  readonly #onLine: (line: string) => void

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  write(text: string): void {
    this.#tail = (this.#tail + text).slice(-TAIL_BYTES)
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) this.#onLine(line)
  }

  /** Hands over what came without a line break. */
  end(): void {
    if (this.#rest) this.#onLine(this.#rest)
    this.#rest = ""
  }

  /** Begins a new tail. */
  clear(): void {
    this.#tail = ""
  }

  /** The last 4 KB, base64. */
  tail(): string {
    return Buffer.from(this.#tail).subarray(-TAIL_BYTES).toString("base64")
  }
}
