interface Pool {
  listen(shard: number, listening: object): Promise<{ readonly lines: ReadableStream<Uint8Array> }>
  publish(channel: string, message: string): Promise<number>
}

/** Subscribes, lets messages pile up unread, and then reads until the pool ends it. */
// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  async fetch(_request: Request, { REDIS }: { REDIS: Pool }) {
    const { lines } = await REDIS.listen(0, { kind: "", names: ["unread"] })
    const message = "x".repeat(10_000)
    for (let n = 0; n < 30; n += 1)
      await Promise.all(Array.from({ length: 100 }, () => REDIS.publish("unread", message)))
    const reader = lines.getReader()
    const late = new Promise<string>((resolve) => setTimeout(resolve, 5_000, "nothing more came"))
    for (;;) {
      const read = await Promise.race([reader.read().catch(() => "cut off"), late])
      if (typeof read === "string") return new Response(read)
      if (read.done) return new Response("ended")
    }
  },
}
