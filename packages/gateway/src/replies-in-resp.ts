const encoder = new TextEncoder()

/** Puts replies, each in its own RESP bytes, behind one another. Errors become error replies. */
export function repliesInResp(outcomes: readonly unknown[]): Uint8Array {
  const parts = outcomes.map((outcome) => (outcome instanceof Uint8Array ? outcome : errorInResp(outcome)))
  const [only] = parts
  if (parts.length === 1 && only) return only
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function errorInResp(error: unknown): Uint8Array {
  const message = error instanceof Error ? error.message : "ERR the reply can't be shown"
  // One line: a line end within would begin another reply.
  return encoder.encode(`-${message.replace(/[\r\n]+/g, " ")}\r\n`)
}
