import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Stage, startStage, WAYS, workerNamed } from "./rig.ts"

describe.each(WAYS)("a Worker with handlers of every kind, over %s", (way) => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage({
      app: "handlers.fixture.ts",
      way,
      options: { durableObjects: { ROOM: { className: "Room", useSQLite: true } } },
    })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  const get = async (path: string): Promise<Response> => fetch(new URL(path, stage.url))

  it("gets the client in each, the one that bindRedis gives", async () => {
    const app = await workerNamed(stage, "app")

    await get("/")
    await app.scheduled({ cron: "* * * * *" })
    const timestamp = new Date()
    await app.queue("q", [{ id: "1", timestamp, body: "hello", attempts: 1 }])

    expect(await stage.redis.command("HGETALL", "ran")).toEqual(
      ["fetch", "scheduled", "queue"].flatMap((handler) => [handler, "true"]),
    )
    expect(await stage.redis.command("LRANGE", "queue", 0, -1)).toEqual(["hello"])
  })

  it("has a client of its own in each invocation", async () => {
    const told = [await get("/clients"), await get("/clients"), await get("/clients")]

    expect(await Promise.all(told.map((response) => response.json()))).toEqual([1, 2, 3])
  })

  it("may keep a client in a Durable Object", async () => {
    const visits = await Promise.all(Array.from({ length: 20 }, async () => (await get("/room")).json()))

    expect(new Set(visits)).toEqual(new Set(Array.from({ length: 20 }, (_, n) => n + 1)))
  })

  it("may use the client while it streams its answer", async () => {
    expect(await (await get("/stream")).text()).toBe("1\n2\n3\n")
  })

  it("finishes what was not waited for when the handler throws", async () => {
    expect((await get("/throws")).status).toBe(500)

    await expect.poll(() => stage.redis.command("GET", "thrown")).toBe("1")
  })
})

describe.each(["tcp", "binding"] as const)("a body that streams messages, over %s", (way) => {
  it("goes on after the handler has answered, and ends its subscription", async () => {
    await using stage = await startStage({ app: "handlers.fixture.ts", way })
    const subscribers = () => stage.redis.command("PUBSUB", "NUMSUB", "events")
    const reading = fetch(new URL("/events", stage.url))
    await expect.poll(subscribers).toEqual(["events", 1])

    await stage.redis.command("PUBLISH", "events", "first")
    await stage.redis.command("PUBLISH", "events", "last")

    expect(await (await reading).text()).toBe("data: first\n\ndata: last\n\n")
    await expect.poll(subscribers).toEqual(["events", 0])
  })
})

describe.each(["tcp", "binding"] as const)("a WebSocket that gets messages, over %s", (way) => {
  it("gets them for as long as it is open", async () => {
    await using stage = await startStage({ app: "handlers.fixture.ts", way })
    const subscribers = () => stage.redis.command("PUBSUB", "NUMSUB", "sockets")
    const heard: unknown[] = []
    const url = new URL("/socket", stage.url)
    const socket = new WebSocket(url.href.replace("http:", "ws:"))
    socket.addEventListener("message", ({ data }) => heard.push(data))
    await expect.poll(subscribers).toEqual(["sockets", 1])

    for (const message of ["first", "second"]) {
      await stage.redis.command("PUBLISH", "sockets", message)
      await expect.poll(() => heard.at(-1)).toBe(message)
    }
    socket.close()

    expect(heard).toEqual(["first", "second"])
    await expect.poll(subscribers).toEqual(["sockets", 0])
  })
})

describe.each(["tcp", "binding"] as const)("a Worker that has had a lease, over %s", (way) => {
  it("finishes what was not waited for when it answers with a body", async () => {
    await using stage = await startStage({ app: "handlers.fixture.ts", way })

    for (let n = 0; n < 5; n += 1) await (await fetch(new URL("/leased", stage.url))).text()

    await expect.poll(() => stage.redis.command("GET", "left")).toBe("5")
  })
})
