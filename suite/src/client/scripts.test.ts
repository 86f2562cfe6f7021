import { createRedis, type Redis } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useDoor } from "../http/door.ts"
import { allTransports, transports } from "../transports.ts"

const ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

async function calls(command: string): Promise<number> {
  const stats = String(await server.command("INFO", "commandstats"))
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

describe.each(allTransports)("scripts over $name", (transport) => {
  const door = useDoor(transport, () => server)
  let redis: Redis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    await server.command("SCRIPT", "FLUSH")
    await server.command("CONFIG", "RESETSTAT")
    redis = createRedis({ transport: transport.open(door()) })
  })
  afterEach(() => redis.close())

  it("sends the digest once the server knows the script", async () => {
    const add = redis.defineScript(ADD, { keys: 1 })

    for (let round = 1; round <= 5; round += 1) expect(await add("n", 2)).toBe(2 * round)

    expect(await calls("evalsha")).toBeGreaterThan(2)
    expect(await calls("eval")).toBeLessThanOrEqual(2)
  })

  it("sends the whole script when the server has forgotten it", async () => {
    const add = redis.defineScript(ADD, { keys: 1 })
    await add("n", 1)
    await add("n", 1)
    await server.command("SCRIPT", "FLUSH")

    expect(await add("n", 1)).toBe(3)
  })

  it("keeps the order of issue in its first tick", async () => {
    const add = redis.defineScript(ADD, { keys: 1 })

    const [, , after] = await Promise.all([redis.set("n", 5), add("n", 1), redis.get("n")])

    expect(after).toBe("6")
  })

  it("runs inside pipelines and transactions", async () => {
    const add = redis.defineScript(ADD, { keys: 1 })
    await server.command("SCRIPT", "FLUSH")
    const pipeline = redis.pipeline().set("n", 1)
    add.on(pipeline, "n", 2)
    const multi = redis.multi().set("m", 1)
    add.on(multi, "m", 3)

    expect(await pipeline.get("n").exec()).toEqual([
      [null, "OK"],
      [null, 3],
      [null, "3"],
    ])
    expect(await multi.get("m").exec()).toEqual([
      [null, "OK"],
      [null, 4],
      [null, "4"],
    ])
  })

  it("runs on a lease, where the transport has any", async () => {
    const add = redis.defineScript(ADD, { keys: 1 })

    const sum = redis.use((lease) => add.on(lease, "n", 4))

    if (transports.includes(transport)) expect(await sum).toBe(4)
    else await expect(sum).rejects.toMatchObject({ code: "ERR_UNSUPPORTED_COMMAND" })
  })

  it("puts the key prefix before its keys only", async () => {
    const prefixed = createRedis({ transport: transport.open(door()), keyPrefix: "app:" })

    await prefixed.defineScript(ADD, { keys: 1 })("n", 2)

    expect(await server.command("GET", "app:n")).toBe("2")
    await prefixed.close()
  })

  it("refuses too few arguments, an empty script and a wrong number of keys", async () => {
    await expect(redis.defineScript(ADD, { keys: 2 })("n")).rejects.toThrow("Number of keys can't be greater")
    expect(() => redis.defineScript("", { keys: 0 })).toThrow("defineScript takes a string of Lua")
    expect(() => redis.defineScript(ADD, { keys: -1 })).toThrow("defineScript: keys takes a whole number")
  })
})
