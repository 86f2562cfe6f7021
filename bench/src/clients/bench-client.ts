/** What a bench asks of a client, under one name for each thing. */
export interface BenchClient {
  get(key: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  incr(key: string): Promise<unknown>
  hgetall(key: string): Promise<unknown>
  /** GETs in one explicit pipeline. */
  getAll(keys: readonly string[]): Promise<unknown>
  close(): Promise<unknown>
}

/** A client that calls things as ioredis does. */
interface LikeIoredis extends Omit<BenchClient, "getAll" | "close"> {
  pipeline(): { get(key: string): unknown; exec(): Promise<unknown> }
}

/** The client of a bench over one whose methods are ioredis's. */
export function likeIoredis(redis: LikeIoredis, close: BenchClient["close"]): BenchClient {
  return {
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    incr: (key) => redis.incr(key),
    hgetall: (key) => redis.hgetall(key),
    getAll: (keys) => {
      const pipeline = redis.pipeline()
      for (const key of keys) pipeline.get(key)
      return pipeline.exec()
    },
    close,
  }
}
