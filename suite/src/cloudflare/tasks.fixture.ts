import { bindRedis, fateOf, type Redis, withRedis } from "@warmpool/cloudflare"

/** The context of a handler, as far as it is used here. */
interface Context {
  waitUntil(promise: Promise<unknown>): void
}

type Env = Readonly<Record<string, unknown>>

/** What a task works with. */
interface Ground {
  readonly redis: Redis
  readonly env: Env
  readonly ctx: Context
  readonly args: readonly string[]
}

let calls = 0
let requests = 0
const plainFetch = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof fetch>) => {
  requests += 1
  return plainFetch(...args)
}

/** The same binding, whose calls are counted. */
function counted(binding: object): object {
  const call =
    (name: string) =>
    (...args: unknown[]) => {
      calls += 1
      return Reflect.apply(Reflect.get(binding, name), binding, args)
    }
  return { exchange: call("exchange"), open: call("open"), listen: call("listen") }
}

const inWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

const tasks: Readonly<Record<string, (ground: Ground) => Promise<unknown>>> = {
  /** Some commands of one tick, of every kind, and what they cost. */
  async mixed({ env, ctx }) {
    const redis = bindRedis({ ...env, ...(env["REDIS"] ? { REDIS: counted(env["REDIS"]) } : {}) }, ctx, {
      name: undefined,
    })
    let batches = 0
    redis.on("batch", () => {
      batches += 1
    })
    const before = calls + requests
    const replies = await Promise.all(
      Array.from({ length: 5 }, (_, n) => [
        redis.set(`k${n}`, `v${n}`),
        redis.get(`k${n}`),
        redis.incr("n"),
        redis.getBuffer(`k${n}`).then((bytes) => bytes?.length),
      ]).flat(),
    )
    return { replies, batches, subrequests: calls + requests - before }
  },

  async incr({ redis, args: [key = "n"] }) {
    return redis.incr(key)
  },

  /** How long values are, all asked for in one tick. */
  async lengths({ env, ctx, args }) {
    const redis = bindRedis(env, ctx, { commandTimeoutMs: 10_000 })
    return Promise.all(args.map((key) => redis.get(key).then((value) => value?.length ?? 0, inWords)))
  },

  /** Many connections at once, if they are let. */
  async crowd({ redis }) {
    let open = 0
    let most = 0
    redis.on("open", () => {
      open += 1
      most = Math.max(most, open)
    })
    redis.on("close", () => {
      open -= 1
    })
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => [redis.blpop(`nothing${n}`, 0.05), redis.incr("n")]).flat(),
    )
    return most
  },

  /** Reads in many ticks, so that their requests overlap; how many were under way at once. */
  async reads({ redis, args: [count = "10"] }) {
    let most = 0
    let underWay = 0
    const counting = globalThis.fetch
    globalThis.fetch = async (...args: Parameters<typeof fetch>) => {
      underWay += 1
      most = Math.max(most, underWay)
      try {
        return await counting(...args)
      } finally {
        underWay -= 1
      }
    }
    const replies: Promise<unknown>[] = []
    for (let n = 0; n < Number(count); n += 1) {
      replies.push(redis.get("n"))
      await Promise.resolve()
    }
    await Promise.all(replies)
    globalThis.fetch = counting
    return most
  },

  /** A lease: WATCH, MULTI, and what another does in between. */
  async watch({ redis }) {
    return redis.use(async (lease) => {
      await lease.watch("w")
      await redis.set("w", "changed")
      const lost = await lease.multi().set("w", "mine").exec()
      await lease.watch("w")
      const won = await lease.multi().set("w", "mine").get("w").exec()
      await lease.select(1)
      return { lost, won, elsewhere: await lease.get("w") }
    })
  },

  async blpop({ redis, args: [key = "list", seconds = "5"] }) {
    return redis.blpop(key, Number(seconds))
  },

  /** The same once more, as soon as it is told that there is a lease again. */
  async blpopAgain({ redis, args: [key = "list"] }) {
    const first = await redis.blpop(key, 0.05).catch(inWords)
    await redis.set("first", "over")
    while ((await redis.get("free")) === null) await new Promise((resolve) => setTimeout(resolve, 10))
    return [first, await redis.blpop(key, 0.05).catch(inWords)]
  },

  async messages({ redis, args: [channel = "", count = "1"] }) {
    const subscription = redis.subscribe(channel, { signal: AbortSignal.timeout(10_000) })
    await subscription.ready
    await redis.set("subscribed", "yes")
    const messages: unknown[] = []
    for await (const message of subscription) {
      messages.push(message)
      if (messages.length === Number(count)) break
    }
    return messages
  },

  /** Commands that nobody waits for. */
  async unawaited({ redis }) {
    for (let n = 0; n < 10; n += 1) void redis.incr("unawaited")
    return "answered"
  },

  async failing({ redis }) {
    const command = redis.incr("text")
    await redis.set("text", "text")
    return command
      .then(
        () => redis.incr("text"),
        () => undefined,
      )
      .catch((error: unknown) => [inWords(error), fateOf(command) ?? null])
  },
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default withRedis<Env>({
  async fetch(request, env, ctx, redis) {
    const { searchParams } = new URL(request.url)
    const [name = "", ...args] = searchParams.getAll("task")
    const task = tasks[name]
    try {
      return Response.json({ is: (await task?.({ redis, env, ctx, args })) ?? null })
    } catch (error) {
      return Response.json({ error: inWords(error) }, { status: 500 })
    }
  },
})
