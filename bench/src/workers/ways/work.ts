/** What a Worker's work needs of a client. */
interface Reader {
  get(key: string): Promise<unknown>
}

/** What every Worker of the bench finds in its environment. */
export interface BenchEnv {
  readonly KEY: string
  readonly REDIS_URL: string
  readonly UPSTASH_REDIS_REST_URL: string
  readonly UPSTASH_REDIS_REST_TOKEN: string
}

/** One request's work: `?ticks=…&gets=…`, so many GETs issued together, so many times one after another. */
export async function work(request: Request, { KEY }: BenchEnv, redis: Reader): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const [ticks, gets] = [Number(searchParams.get("ticks") ?? 1), Number(searchParams.get("gets") ?? 1)]
  let last: unknown
  for (let tick = 0; tick < ticks; tick += 1) {
    const replies = await Promise.all(Array.from({ length: gets }, () => redis.get(KEY)))
    last = replies.at(-1)
  }
  return new Response(String(last))
}
