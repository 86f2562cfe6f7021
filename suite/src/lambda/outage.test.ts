import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { deploy } from "./invoke.ts"

describe("a server that is down at the start", () => {
  it("fails the invocation in time and not the init, and is found when it is back", async () => {
    await using server = await startRedis()
    await server.kill()
    await using deployed = await deploy("visit", { redisUrl: server.url, concurrency: 1, timeoutMs: 3_000 })

    const early = await deployed.invoke()
    await server.restart()
    const late = await deployed.invoke()

    expect(early.functionError).toBe("Unhandled")
    expect(early.answer).toMatchObject({
      errorType: "TimeoutError",
      errorMessage: expect.stringContaining("ECONNREFUSED"),
    })
    expect(early.tookMs).toBeLessThan(3_000)
    expect(late).toMatchObject({ functionError: undefined, answer: { visits: 1 } })
    expect(deployed.lambda.stats()).toMatchObject({ coldStarts: 1 })
  })

  it("fails the invocation in time when it is frozen before it could connect", async () => {
    await using server = await startRedis()
    await server.kill()
    await using deployed = await deploy("visit", { redisUrl: server.url, concurrency: 1 })

    await deployed.lambda.prewarm(1)
    await server.restart()

    expect(await deployed.invoke()).toMatchObject({ functionError: undefined, answer: { visits: 1 } })
  })
})

describe("a server that is silent", () => {
  it("fails the invocation before Lambda ends the sandbox, and is found when it speaks again", async () => {
    await using server = await startRedis()
    await using proxy = await startFaultProxy({ target: server })
    const redis = { commandTimeoutMs: 60_000, reserveMs: 500 }
    const options = { redisUrl: proxy.url(), redis, concurrency: 1, timeoutMs: 1_500 }
    await using deployed = await deploy("visit", options)

    const before = await deployed.invoke()
    proxy.silence({ newConnections: "silent" })
    const during = await deployed.invoke()
    await proxy.heal()
    const after = await deployed.invoke()

    expect(during.answer).toMatchObject({ errorType: "OutcomeUnknownError" })
    expect(after).toMatchObject({
      functionError: undefined,
      answer: { visits: 2, pid: before.answer["pid"] },
    })
  })

  it("does not hold up an invocation that awaits nothing beyond its time", async () => {
    await using server = await startRedis()
    await server.pause()
    const redis = { commandTimeoutMs: 60_000, reserveMs: 500 }
    const options = { redisUrl: server.url, redis, concurrency: 1, timeoutMs: 1_500 }
    await using deployed = await deploy("forget", options)

    const { functionError, answer } = await deployed.invoke()

    expect([functionError, answer["invocations"]]).toEqual([undefined, 1])
  })
})

describe("a wrong login", () => {
  it("is told to each invocation, and the sandbox lives on", async () => {
    await using server = await startRedis({ password: "right" })
    const redisUrl = `redis://:wrong@${server.host}:${server.port}`
    await using deployed = await deploy("visit", { redisUrl, concurrency: 1 })

    for (let time = 0; time < 3; time += 1) {
      const { functionError, answer } = await deployed.invoke()

      expect(functionError).toBe("Unhandled")
      expect(answer["errorMessage"]).toContain("WRONGPASS")
    }
    expect(deployed.lambda.stats()).toMatchObject({ coldStarts: 1 })
  })
})

describe("a missing server", () => {
  it("fails the init with the fix in its message", async () => {
    await using deployed = await deploy("visit", { redisUrl: "" })

    expect((await deployed.invoke()).answer).toMatchObject({
      errorType: "ConfigError",
      errorMessage: expect.stringContaining("set the environment variable REDIS_URL"),
    })
  })
})
