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
