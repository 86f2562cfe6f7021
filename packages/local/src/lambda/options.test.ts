import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { fixture } from "./fixtures/invoke.fixture.ts"
import { checkOptions, type LambdaOptions } from "./options.ts"
import { startLambda } from "./start-lambda.ts"

const handler = fixture("basic.fixture.ts")

describe("options", () => {
  it.each<[unknown, string]>([
    [{ handler, concurency: 2 }, 'unknown option "concurency": did you mean "concurrency"?'],
    [{ handler, timeout: 3 }, 'unknown option "timeout": did you mean "timeoutMs"?'],
    [{ handler, freeze: { afterInit: 1 } }, 'unknown option "freeze.afterInit": did you mean "afterInitMs"?'],
    [{ handler, freeze: { afterInitMs: -1 } }, "freeze.afterInitMs must be a whole number from 0, not -1"],
    [{ handler, freeze: "yes" }, "freeze must be true, false or { afterInitMs }"],
    [{ handler, region: "US East" }, "region must be the name of a region"],
    [{ handler, log: true }, "log must be a function"],
    [{ handler, concurrency: 0 }, "concurrency must be a whole number from 1 to 1000, not 0"],
    [{ handler, concurrency: 1.5 }, "concurrency must be a whole number from 1 to 1000, not 1.5"],
    [{ handler, memory: 64 }, "memory must be a whole number from 128 to 10240, not 64"],
    [{ handler, timeoutMs: 1_000_000 }, "timeoutMs must be a whole number from 1 to 900000"],
    [{ handler, env: { A: 1 } }, "env.A must be a string, not number"],
    [{ handler, env: { A: "planted\0secret" } }, "env.A holds a null byte"],
    [{ handler, env: { _HANDLER: "x" } }, "env._HANDLER is set by Lambda itself: leave it out"],
    [{ handler, runtime: [] }, "runtime must be a command line"],
    [{ handler, functionName: "a b" }, "functionName must be 1 to 64 letters"],
    [{ handler: async () => {} }, "handler must be a path, a file: URL or file.exportName"],
    [{ handler: "nowhere/index.handler" }, 'handler "nowhere/index.handler" not found (looked for /'],
    [{}, "handler must be a path"],
    [undefined, "startLambda needs options"],
  ])("%j is refused: %s", async (options, message) => {
    const refused = startLambda(options as LambdaOptions)

    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ code: "ERR_CONFIG" })
    await expect(refused).rejects.not.toThrow("secret")
  })

  it("are complete when only the handler is given", () => {
    expect(checkOptions({ handler })).toMatchObject({
      functionName: "local",
      concurrency: 10,
      freeze: true,
      memory: 512,
      timeoutMs: 3000,
      arn: "arn:aws:lambda:us-east-1:000000000000:function:local",
    })
  })

  it.each([
    [handler, "basic.fixture.handler"],
    [new URL(`file://${handler}`), "basic.fixture.handler"],
    [fixture("basic.fixture.describe"), "basic.fixture.describe"],
    [
      join("packages/local/src/lambda/fixtures", "basic.fixture.describe"),
      "packages/local/src/lambda/fixtures/basic.fixture.describe",
    ],
  ])("find the handler %s", (given, name) => {
    expect(checkOptions({ handler: given }).handler).toMatchObject({ file: handler, name })
  })
})
