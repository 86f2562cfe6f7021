/** A Worker without our client: it calls the binding itself. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(
    request: Request,
    { REDIS }: { REDIS: Record<string, (...args: unknown[]) => Promise<unknown>> },
  ) {
    const calls: [string, ...unknown[]][] = JSON.parse(await request.text())
    const outcomes: unknown[] = []
    for (const [method, ...args] of calls) {
      // A stub's methods are called on it, never taken off.
      outcomes.push(await Promise.resolve(REDIS[method]?.(...args)).then(plain, inWords))
    }
    return Response.json(outcomes)
  },
}

const plain = (reply: unknown): unknown =>
  reply instanceof Uint8Array ? { bytes: [...reply] } : (reply ?? null)
const inWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
