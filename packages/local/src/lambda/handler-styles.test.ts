import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { InvokeWithResponseStreamCommand } from "@aws-sdk/client-lambda"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clientOf, fixture, invoke } from "./fixtures/invoke.fixture.ts"
import type { LambdaOptions } from "./options.ts"
import { type LocalLambda, startLambda } from "./start-lambda.ts"

describe("modules", () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "warmpool-handler-"))
    writeFileSync(join(folder, "common.cjs"), "exports.handler = async () => ({ module: typeof module })")
    writeFileSync(join(folder, "plain.js"), "module.exports = { run: async () => 'plain' }")
    writeFileSync(
      join(folder, "es.mjs"),
      "await null\nexport const handler = async () => import.meta.filename",
    )
    writeFileSync(join(folder, "broken.mjs"), "export const handler = async () => {")
    writeFileSync(join(folder, "lost.mjs"), 'import "no-such-package"\nexport const handler = async () => {}')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ["common.handler", '{"module":"object"}'],
    ["plain.run", '"plain"'],
    ["es.mjs", "es.mjs"],
  ])("%s: is loaded", async (name, expected) => {
    await using lambda = await startLambda({ handler: join(folder, name) })

    const { error, text } = await invoke(lambda)

    expect(error).toBeUndefined()
    expect(text).toContain(expected)
  })

  it.each([
    ["broken.mjs", "Runtime.UserCodeSyntaxError"],
    ["lost.mjs", "Runtime.ImportModuleError"],
  ])("%s: answers with %s", async (name, errorType) => {
    await using lambda = await startLambda({ handler: join(folder, name) })

    expect((await invoke(lambda)).result).toMatchObject({ errorType })
  })

  it("may hold the handler deeper inside an export", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.nested.deeper.handler") })

    expect((await invoke(lambda)).text).toBe('"nested"')
  })

  it("may return nothing", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.nothing") })

    expect((await invoke(lambda)).text).toBe("null")
  })
})

describe("callback handlers", () => {
  it.each([
    ["answers", { text: "later" }, '"later"'],
    ["hurries", {}, '"at once"'],
    ["silent", {}, "null"],
  ])("%s: is answered twice by one sandbox", async (name, event, expected) => {
    await using lambda = await startLambda({ handler: fixture(`callback.fixture.${name}`), concurrency: 1 })

    const texts = [(await invoke(lambda, event)).text, (await invoke(lambda, event)).text]

    expect(texts).toEqual([expected, expected])
    expect(lambda.stats().coldStarts).toBe(1)
  })

  it("wait until the event loop is empty", async () => {
    await using lambda = await startLambda({ handler: fixture("callback.fixture.waits") })

    expect((await invoke(lambda)).result).toEqual({ doneLater: true })
  })

  it("fail with what they pass first", async () => {
    await using lambda = await startLambda({ handler: fixture("callback.fixture.fails") })

    expect((await invoke(lambda)).result).toMatchObject({ errorType: "TypeError", errorMessage: "refused" })
  })
})

describe("streaming handlers", () => {
  const streaming = (name: string, options: Partial<LambdaOptions> = {}) =>
    startLambda({ handler: fixture(`streaming.fixture.${name}`), concurrency: 1, ...options })

  it("answer a plain Invoke with the whole body, again and again", async () => {
    await using lambda = await streaming("streams")

    const first = await invoke(lambda, { chunks: ["a", "b", "c"] })
    const second = await invoke(lambda, { chunks: ["d"] })

    expect([first.text, second.text]).toEqual(["abc", "d"])
    expect(lambda.stats()).toMatchObject({ coldStarts: 1, errors: 0 })
  })

  it("put an HTTP response's head before its body, parted by eight zero bytes", async () => {
    await using lambda = await streaming("page")

    expect((await invoke(lambda)).text).toBe('{"statusCode":201}\0\0\0\0\0\0\0\0made')
  })

  it("tell a plain Invoke by their trailers that they failed", async () => {
    await using lambda = await streaming("breaks")

    const { error, result } = await invoke(lambda)

    expect(error).toBe("Unhandled")
    expect(result).toMatchObject({ errorType: "RangeError", errorMessage: "and no further" })
    expect(lambda.sandboxes()).toMatchObject([{ state: "frozen" }])
  })

  it("may return before their body has ended, but must end it", async () => {
    await using piping = await streaming("pipes")
    await using open = await streaming("unfinished", { timeoutMs: 200 })

    const [piped, unfinished] = await Promise.all([invoke(piping), invoke(open)])

    expect(piped.text).toBe("one two three")
    expect(unfinished.result).toMatchObject({ errorType: "Sandbox.Timedout" })
  })

  it("send their chunks as they come to InvokeWithResponseStream", async () => {
    const folder = mkdtempSync(join(tmpdir(), "warmpool-stream-"))
    const file = join(folder, "received")
    await using lambda = await streaming("asks")

    const { chunks, complete } = await receive(lambda, { file }, () => writeFileSync(file, ""))

    expect(chunks).toEqual(["beginning", "end"])
    expect(complete?.ErrorCode).toBeUndefined()
    expect(Buffer.from(complete?.LogResult ?? "", "base64").toString()).toContain("REPORT RequestId")
    rmSync(folder, { recursive: true })
  })

  it("send what they wrote before they failed, then the error", async () => {
    await using lambda = await streaming("breaks")

    const { chunks, complete } = await receive(lambda, {})

    expect(chunks).toEqual(["so far"])
    expect(complete?.ErrorCode).toBe("Unhandled")
    expect(JSON.parse(complete?.ErrorDetails ?? "")).toMatchObject({ errorType: "RangeError" })
  })

  it("may be left out: an async handler's answer is one chunk", async () => {
    await using lambda = await startLambda({ handler: fixture("basic.fixture.ts") })

    const { chunks } = await receive(lambda, { a: 1 })

    expect(chunks.map((chunk) => JSON.parse(chunk).event)).toEqual([{ a: 1 }])
  })
})

async function receive(lambda: LocalLambda, event: object, onChunk = () => {}) {
  const output = await clientOf(lambda).send(
    new InvokeWithResponseStreamCommand({
      FunctionName: lambda.functionName,
      Payload: JSON.stringify(event),
      LogType: "Tail",
    }),
  )
  const chunks: string[] = []
  for await (const { PayloadChunk, InvokeComplete } of output.EventStream ?? []) {
    if (InvokeComplete) return { chunks, complete: InvokeComplete }
    chunks.push(Buffer.from(PayloadChunk?.Payload ?? []).toString())
    onChunk()
  }
  return { chunks, complete: undefined }
}
