import {
  InvalidRequestContentException,
  RequestTooLargeException,
  ResourceNotFoundException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fixture, invoke } from "./fixtures/invoke.fixture.ts"
import { type LocalLambda, startLambda } from "./start-lambda.ts"

const BASIC = fixture("basic.fixture.ts")

describe("the Invoke API", () => {
  let lambda: LocalLambda

  beforeAll(async () => {
    lambda = await startLambda({ handler: BASIC, concurrency: 1 })
  })
  afterAll(() => lambda.close())

  it("answers the SDK with what the handler returns, from the same warm process", async () => {
    const first = await invoke(lambda, { a: 1 })
    const second = await invoke(lambda, { a: 2 })

    expect(first).toMatchObject({
      status: 200,
      error: undefined,
      version: "$LATEST",
      result: { event: { a: 1 } },
    })
    expect(first.result.id).toBe(first.requestId)
    expect(second.result).toMatchObject({ event: { a: 2 }, pid: first.result.pid })
    expect(second.result.invocations).toBe(first.result.invocations + 1)
    expect(lambda.stats().coldStarts).toBe(1)
  })

  it("hands an empty object to a handler that is invoked without a payload", async () => {
    expect((await invoke(lambda)).result.event).toEqual({})
  })

  it.each([
    "arn:aws:lambda:us-east-1:000000000000:function:local",
    "000000000000:function:local",
    "local:$LATEST",
  ])("takes the function's name as %s", async (FunctionName) => {
    expect((await invoke(lambda, {}, { FunctionName })).status).toBe(200)
  })

  it("takes the qualifier $LATEST and knows no other version", async () => {
    const latest = await invoke(lambda, {}, { Qualifier: "$LATEST" })
    const other = invoke(lambda, {}, { Qualifier: "7" })

    expect(latest.status).toBe(200)
    await expect(other).rejects.toThrow(
      "Function not found: arn:aws:lambda:us-east-1:000000000000:function:local:7",
    )
  })

  it("answers a dry run without running anything", async () => {
    const before = lambda.stats().invocations

    const { status } = await invoke(lambda, {}, { InvocationType: "DryRun" })

    expect(status).toBe(204)
    expect(lambda.stats().invocations).toBe(before)
  })

  it("sends the tail of the log when it is asked for", async () => {
    const { log, requestId } = await invoke(lambda, { say: "over here\nand here" }, { LogType: "Tail" })
    const quiet = await invoke(lambda, { say: "unheard" })

    const [start, line, end, report] = log.split("\n")
    expect(start).toBe(`START RequestId: ${requestId} Version: $LATEST`)
    expect(line).toMatch(new RegExp(`^\\d{4}-[^\\t]+Z\\t${requestId}\\tINFO\\tover here\\rand here$`))
    expect(end).toBe(`END RequestId: ${requestId}`)
    expect(report).toMatch(
      /^REPORT RequestId: .*\tDuration: .* ms\tBilled Duration: \d+ ms\tMemory Size: 512 MB/,
    )
    expect(quiet.log).toBe("")
  })

  it("keeps no more than the last 4 KB of the log", async () => {
    const { log } = await invoke(lambda, { say: "x".repeat(10_000) }, { LogType: "Tail" })

    expect(Buffer.byteLength(log)).toBe(4096)
    expect(log).toContain("REPORT RequestId")
  })

  it("passes on what the client says about itself", async () => {
    await using describing = await startLambda({ handler: fixture("basic.fixture.describe") })
    const ClientContext = Buffer.from(JSON.stringify({ client: { name: "test" } })).toString("base64")

    const { result } = await invoke(describing, {}, { ClientContext })

    expect(result.context.clientContext).toEqual({ client: { name: "test" } })
  })

  it("does not know another function", async () => {
    const unknown = invoke(lambda, {}, { FunctionName: "other" })

    await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException)
    await expect(unknown).rejects.toMatchObject({ Type: "User", $metadata: { httpStatusCode: 404 } })
  })

  it("refuses a payload that is no JSON", async () => {
    const broken = invoke(lambda, undefined, { Payload: "{not json" })

    await expect(broken).rejects.toBeInstanceOf(InvalidRequestContentException)
  })

  it("refuses more than 6 MB, and more than 1 MB of an event", async () => {
    const [big, bigEvent] = await Promise.allSettled([
      invoke(lambda, { fill: "x".repeat(6_291_456) }),
      invoke(lambda, { fill: "x".repeat(1_048_576) }, { InvocationType: "Event" }),
    ])

    expect(big).toMatchObject({ reason: expect.any(RequestTooLargeException) })
    expect(bigEvent).toMatchObject({ reason: expect.any(RequestTooLargeException) })
  })

  it("says that it serves nothing but invocations", async () => {
    const response = await fetch(`${lambda.endpoint}/2015-03-31/functions/`)

    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("Invoke") })
  })
})

describe("concurrency", () => {
  it("starts a sandbox for each invocation at once, and throttles above the limit", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 2 })

    const invocations = [1, 2, 3].map(() => invoke(lambda, { waitMs: 100 }))
    const ends = await Promise.allSettled(invocations)

    const done = ends.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    const [refused] = ends.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))
    expect(new Set(done.map(({ result }) => result.pid)).size).toBe(2)
    expect(refused).toBeInstanceOf(TooManyRequestsException)
    expect(refused).toMatchObject({
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      retryAfterSeconds: "1",
    })
    expect(lambda.stats()).toMatchObject({ invocations: 2, coldStarts: 2, throttled: 1 })
  })

  it("prefers the sandbox used last", async () => {
    await using lambda = await startLambda({ handler: BASIC, concurrency: 2 })
    const [slow] = await Promise.all([invoke(lambda, { waitMs: 200 }), invoke(lambda)])

    const next = await invoke(lambda)
    const after = await invoke(lambda)

    expect(next.result.pid).toBe(slow.result.pid)
    expect(after.result.pid).toBe(slow.result.pid)
  })

  it("queues events while every sandbox runs, and runs them in order", async () => {
    const lines: string[] = []
    await using lambda = await startLambda({
      handler: BASIC,
      concurrency: 1,
      log: (line) => lines.push(line),
    })

    const accepted = []
    for (const say of ["one", "two", "three"]) {
      accepted.push(await invoke(lambda, { say, waitMs: 20 }, { InvocationType: "Event" }))
    }
    const queued = lambda.stats().queued
    await lambda.settled()

    expect(accepted.map(({ status, text }) => [status, text])).toEqual([1, 2, 3].map(() => [202, ""]))
    expect(queued).toBeGreaterThan(0)
    expect(
      lines.map((line) => line.split("\t")[3]).filter((text) => /^(one|two|three)$/.test(text ?? "")),
    ).toEqual(["one", "two", "three"])
    expect(lambda.stats()).toMatchObject({ invocations: 3, throttled: 0, queued: 0, running: 0 })
  })
})

describe("a sandbox's surroundings", () => {
  it("are those of Lambda, and nothing else of the owner's environment", async () => {
    process.env["OWNER_ONLY"] = "secret"
    await using lambda = await startLambda({
      handler: fixture("basic.fixture.describe"),
      functionName: "greeter",
      region: "eu-central-1",
      memory: 256,
      timeoutMs: 5000,
      env: { TABLE: "visits" },
    })

    const { result, requestId } = await invoke(lambda)

    expect(result.env).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: "greeter",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_REGION: "eu-central-1",
      LAMBDA_TASK_ROOT: result.cwd,
      TZ: ":UTC",
      TABLE: "visits",
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
    })
    expect(result.env).not.toHaveProperty("OWNER_ONLY")
    expect(result.context).toMatchObject({
      awsRequestId: requestId,
      functionName: "greeter",
      invokedFunctionArn: "arn:aws:lambda:eu-central-1:000000000000:function:greeter",
      memoryLimitInMB: "256",
      logGroupName: "/aws/lambda/greeter",
    })
    expect(result.remainingMs).toBeGreaterThan(4000)
    expect(result.remainingMs).toBeLessThanOrEqual(5000)
  })

  it("may be another runtime, started by its own command line", async () => {
    const lines: string[] = []
    await using lambda = await startLambda({
      handler: BASIC,
      runtime: [process.execPath, fixture("custom-runtime.fixture.ts"), "elsewhere"],
      log: (line) => lines.push(line),
    })

    const { result } = await invoke(lambda, { a: 1 })

    expect(result).toEqual({
      from: "elsewhere",
      handler: "basic.fixture.handler",
      event: { a: 1 },
      wrong: 400,
    })
    expect(lines).toContain("twice: 403")
  })
})

describe("close", () => {
  it("refuses later invocations, and may be called twice", async () => {
    const lambda = await startLambda({ handler: BASIC })
    await invoke(lambda)

    await Promise.all([lambda.close(), lambda.close()])

    await expect(invoke(lambda)).rejects.toThrow("ECONNREFUSED")
    await expect(lambda.prewarm(1)).rejects.toMatchObject({ code: "ERR_LAMBDA_CLOSED" })
    expect(lambda.sandboxes()).toEqual([])
  })

  it("cuts off what still runs", async () => {
    const lambda = await startLambda({ handler: BASIC })
    const running = invoke(lambda, { waitMs: 60_000 })
    const rejected = expect(running).rejects.toThrow()

    await lambda.close()

    await rejected
    expect(lambda.sandboxes()).toEqual([])
  })
})
