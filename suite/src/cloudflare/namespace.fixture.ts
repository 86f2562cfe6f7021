interface Pool {
  command(method: string, args: readonly unknown[]): Promise<unknown>
}

/** A Worker that has bound the pool's objects themselves, past the entrypoint. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(
    request: Request,
    { POOL }: { POOL: { idFromName(name: string): unknown; get(id: unknown): Pool } },
  ) {
    const pool = POOL.get(POOL.idFromName("shard-0"))
    const outcomes: unknown[] = []
    for (const [method, ...args] of JSON.parse(await request.text())) {
      outcomes.push(
        await pool.command(method, args).catch((error: Error) => `${error.name}: ${error.message}`),
      )
    }
    return Response.json(outcomes)
  },
}
