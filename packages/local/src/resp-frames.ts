const AGGREGATES = "*~>%|"
const BULKS = "$=!"
const TYPES = `${AGGREGATES}${BULKS}+-:_,#(`
const NEWLINE = 10

/** The most that is kept of a header line or of a command's name. */
const KEPT = 64

/** Elements that follow an aggregate's header; an attribute takes the value it stands before along. */
function elementsOf(type: string, count: number): number {
  if (count < 0) return 0
  if (type === "%") return 2 * count
  if (type === "|") return 2 * count + 1
  return count
}

/**
 * Finds where RESP2 and RESP3 frames end in a stream of bytes, without keeping them. Source: the Redis
 * serialization protocol specification. A line that is no RESP counts as one inline command.
 */
export class FrameScanner {
  /** The first byte of the frame under way or just ended: `>` is a push, which answers no command. */
  type = ""
  /** The first string of the frame, lower case, cut to 64 characters: the command's name. */
  name = ""
  /** Elements still to come, of every aggregate that is open. */
  readonly #missing: number[] = []
  #line = ""
  #bulkLeft = 0
  #named: "no" | "reading" | "yes" = "no"

  /** Visits every piece of a frame in the chunk, in order; `ended` says that the frame ends with the piece. */
  scan(chunk: Uint8Array, visit: (bytes: number, ended: boolean) => void): void {
    let start = 0
    let at = 0
    while (at < chunk.length) {
      const next = this.#bulkLeft > 0 ? this.#skipBulk(chunk, at) : this.#readLine(chunk, at)
      at = next.at
      if (!next.ended) continue
      visit(at - start, true)
      start = at
      this.#named = "no"
    }
    if (at > start) visit(at - start, false)
  }

  #skipBulk(chunk: Uint8Array, at: number): { at: number; ended: boolean } {
    const taken = Math.min(this.#bulkLeft, chunk.length - at)
    // The two bytes after the string are its CRLF.
    const text = Math.max(0, Math.min(taken, this.#bulkLeft - 2, KEPT - this.name.length))
    if (this.#named === "reading" && text > 0) this.name += latin1(chunk, at, at + text).toLowerCase()
    this.#bulkLeft -= taken
    return { at: at + taken, ended: this.#bulkLeft === 0 && this.#elementEnds() }
  }

  #readLine(chunk: Uint8Array, at: number): { at: number; ended: boolean } {
    if (this.#line === "" && this.#missing.length === 0) this.#begin(chunk, at)
    const newline = chunk.indexOf(NEWLINE, at)
    const end = newline < 0 ? chunk.length : newline
    this.#line += latin1(chunk, at, Math.min(end, at + KEPT - this.#line.length))
    if (newline < 0) return { at: end, ended: false }
    const line = this.#line
    this.#line = ""
    return { at: end + 1, ended: this.#headerEnds(line) }
  }

  #begin(chunk: Uint8Array, at: number): void {
    this.type = latin1(chunk, at, at + 1)
    this.name = ""
    this.#named = "no"
  }

  /** Takes a complete line; says whether the whole frame ends with it. */
  #headerEnds(line: string): boolean {
    const type = line.charAt(0)
    const count = Number.parseInt(line.slice(1), 10)
    if (BULKS.includes(type) && type !== "" && count >= 0) {
      this.#bulkLeft = count + 2
      this.#named = this.#named === "no" ? "reading" : "yes"
      return false
    }
    const elements = AGGREGATES.includes(type) && type !== "" ? elementsOf(type, count) : 0
    if (elements > 0) {
      this.#missing.push(elements)
      return false
    }
    if (this.#missing.length === 0 && !TYPES.includes(type)) this.name = inlineName(line)
    return this.#elementEnds()
  }

  #elementEnds(): boolean {
    if (this.#named === "reading") this.#named = "yes"
    for (;;) {
      const left = this.#missing.pop()
      if (left === undefined) return true
      if (left > 1) {
        this.#missing.push(left - 1)
        return false
      }
    }
  }
}

function inlineName(line: string): string {
  return (line.trim().split(" ", 1)[0] ?? "").toLowerCase()
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = ""
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}
