import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { deploy } from "./invoke.ts"

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterEach(async () => {
  await server.command("FLUSHALL")
})

afterAll(() => server.close())

describe("handlers in every style, through AWS's SDK", () => {
  it("answer by callback", async () => {
    await using deployed = await deploy("callback", { redisUrl: server.url, concurrency: 1 })

    const answers = [
      await deployed.invoke(),
      await deployed.invoke(),
      await deployed.invoke({ error: "words" }),
    ]

    expect(answers.map(({ text }) => text)).toEqual([
      "1",
      "2",
      '{"errorType":"string","errorMessage":"words","trace":[]}',
    ])
  })

  it.each(["streamsOutside", "streamsInside"])("stream their response: %s", async (handler) => {
    await using deployed = await deploy(handler, { redisUrl: server.url, concurrency: 1 })

    const answers = [await deployed.invoke(), await deployed.invoke()]

    expect(answers.map(({ functionError, text }) => functionError ?? text)).toEqual(["1 1", "2 2"])
  })

  it("stream what they read from Redis meanwhile", async () => {
    await using deployed = await deploy("pipes", { redisUrl: server.url, concurrency: 1 })

    expect([(await deployed.invoke()).text, (await deployed.invoke()).text]).toEqual(["1 2 3 ", "4 5 6 "])
  })

  it("fail with their own errors, their commands done", async () => {
    await using deployed = await deploy("failing", { redisUrl: server.url, concurrency: 1 })

    const { functionError, answer } = await deployed.invoke()

    expect([functionError, answer["errorType"], answer["errorMessage"]]).toEqual([
      "Unhandled",
      "RangeError",
      "of the handler's own",
    ])
    expect(await server.command("GET", "visits")).toBe("1")
  })

  it("may forget commands that fail, and leases: the sandbox lives on", async () => {
    await using deployed = await deploy("forget", { redisUrl: server.url, concurrency: 1 })
    await server.command("SET", "planted-string", "no list")

    const answers = []
    for (let time = 0; time < 8; time += 1) answers.push((await deployed.invoke()).answer)

    expect(answers.map((answer) => answer["invocations"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await server.command("GET", "visits")).toBe("8")
    expect(deployed.log.filter((line) => /Unhandled|Uncaught|Warning/.test(line))).toEqual([])
  })
})
