import { afterEach, expect, it, vi } from "vitest"
import { cold, watch } from "./client.fixture.ts"
import { ReplyError } from "./errors.ts"

const TRIES = 300

afterEach(() => {
  vi.restoreAllMocks()
})

it("keeps nothing of its earlier tries, however long it waits", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0)
  const { redis, transport, host } = cold()
  const loading = new ReplyError("LOADING Redis is loading the dataset in memory")
  for (let left = TRIES; left > 0; left--) transport.answerNext(loading)
  const waiting = watch(redis.blpop("queue", 0))
  await host.advance(1)
  // Calls that await each other end one after the other: the moments it takes tell how many are left.
  let moments = 0
  const count = (): void => {
    if (waiting.state !== "pending" || moments > TRIES) return
    moments += 1
    queueMicrotask(count)
  }
  const arrive = host.arrive.bind(host)
  host.arrive = (at, run) =>
    arrive(at, () => {
      run()
      if (waiting.state === "pending") moments = 0
      count()
    })

  await redis.rpush("queue", "job")
  await host.settle()

  expect(waiting).toMatchObject({ state: "resolved", value: ["queue", "job"] })
  expect(moments).toBeLessThan(TRIES / 3)
})
