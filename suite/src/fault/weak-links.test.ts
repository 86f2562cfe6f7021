import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { isSoak } from "../rounds.ts"
import { transports } from "../transports.ts"
import { useRig } from "./rig.ts"

const soaking = isSoak()

function digest(bytes: Uint8Array | string | null): string {
  return createHash("sha1")
    .update(bytes ?? "")
    .digest("hex")
}

/** Bytes that no compression and no decoding survives by luck. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed + 1
  for (let at = 0; at < length; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = state >> 16
  }
  return bytes
}

describe.each(transports)("a weak link over $name", (transport) => {
  const rig = useRig(transport)

  it.each([1, 1_000, 65_536, 1_000_000, 5_000_000])(
    "carries a value of %i bytes there and back whole, throttled",
    async (size) => {
      const value = noise(size, size)
      const redis = await rig.warmClient({ commandTimeoutMs: 15_000 })
      rig.proxy.throttle(20_000_000)

      await redis.set("k", value)

      expect(digest(await redis.getBuffer("k"))).toBe(digest(value))
      expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
    },
  )

  it("keeps the order of many commands, throttled and delayed", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 15_000 })
    rig.proxy.throttle(500_000)
    rig.proxy.delay(10)

    const replies = await Promise.all(
      Array.from({ length: 5_000 }, (_, n) => (n % 2 === 0 ? redis.incr("n") : redis.get("n"))),
    )

    expect(replies).toEqual(
      Array.from({ length: 5_000 }, (_, n) => (n % 2 === 0 ? n / 2 + 1 : String((n - 1) / 2 + 1))),
    )
    expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })

  it("gives each its own reply when large and small ones are mixed", async () => {
    const sizes = [10, 200_000, 1, 70_000, 0, 1_000_000, 33, 65_535, 65_536, 2]
    const redis = await rig.warmClient({ commandTimeoutMs: 15_000 })
    await redis.mset(...sizes.flatMap((size, n) => [`k${n}`, noise(size, n)]))
    rig.proxy.throttle(30_000_000)

    const replies = await Promise.all(sizes.map((_, n) => redis.getBuffer(`k${n}`)))

    expect(replies.map(digest)).toEqual(sizes.map((size, n) => digest(noise(size, n))))
  })

  it("is not taken for dead while a reply is still coming in", async () => {
    const value = "v".repeat(1_000_000)
    const redis = await rig.warmClient({
      commandTimeoutMs: 10_000,
      validateAfterMs: 20,
      validateTimeoutMs: 30,
    })
    await redis.set("k", value)
    rig.proxy.throttle(2_000_000)

    const large = redis.get("k")
    const small = redis.incr("n")

    expect((await large) === value).toBe(true)
    expect(await small).toBe(1)
    expect(redis.stats()).toMatchObject({ evicted: 0 })
  })

  it("is not taken for dead for being slow: validation takes longer than it should", async () => {
    const redis = await rig.warmClient({
      commandTimeoutMs: 10_000,
      validateAfterMs: 0,
      validateTimeoutMs: 20,
    })
    rig.proxy.delay(30)

    for (let n = 1; n <= 5; n++) expect(await redis.incr("n")).toBe(n)

    expect(redis.stats().opened).toBeLessThanOrEqual(12)
  })

  it("delivers what was stalled, in order, once it flows again", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 15_000 })
    rig.proxy.stall()
    const pushes = Array.from({ length: 200 }, (_, n) => redis.rpush("list", `${n}:${"x".repeat(50_000)}`))
    await rig.proxy.until((counts) => counts.connections > 0)

    rig.proxy.resume()

    expect(await Promise.all(pushes)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    const list = await redis.lrange("list", 0, -1)
    expect(list.map((item) => Number(item.split(":")[0]))).toEqual(Array.from({ length: 200 }, (_, n) => n))
    expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })

  it("takes far more in one tick than its buffers hold, in order and whole", async () => {
    const [count, size] = soaking ? [300, 1 << 20] : [60, 1 << 19]
    const redis = await rig.warmClient({ commandTimeoutMs: soaking ? 120_000 : 15_000 })
    rig.proxy.throttle(100_000_000)

    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, n) => [
        redis.set(
          "k",
          noise(64, n)
            .toString("hex")
            .repeat(size / 128),
        ),
        redis.rpush("order", n),
        redis.strlen("k"),
      ]).flat(),
    )

    expect(outcomes).toEqual(Array.from({ length: count }, (_, n) => ["OK", n + 1, size]).flat())
    expect(await redis.lrange("order", 0, -1)).toEqual(Array.from({ length: count }, (_, n) => String(n)))
    expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })
})
