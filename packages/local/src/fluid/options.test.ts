import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { checkOptions, type FluidOptions } from "./options.ts"
import { startFluid } from "./start-fluid.ts"

const handler = new URL("./fixtures/web.fixture.ts", import.meta.url)

describe("options", () => {
  it.each<[unknown, string]>([
    [{ handler, suspendAfter: 2 }, 'unknown option "suspendAfter": did you mean "suspendAfterMs"?'],
    [{ handler, maxDuration: 3 }, 'unknown option "maxDuration": did you mean "maxDurationS"?'],
    [{ handler, maxDurationS: 0 }, "maxDurationS must be a number from 0.001 to 900, not 0"],
    [{ handler, graceMs: 1.5 }, "graceMs must be a whole number from 1 to 60000, not 1.5"],
    [{ handler, suspend: "yes" }, "suspend must be true or false"],
    [{ handler, env: { A: 1 } }, "env.A must be a string, not number"],
    [{ handler, env: { A: "planted\0secret" } }, "env.A holds a null byte"],
    [{ handler, env: "A=1" }, "env must be an object of strings"],
    [{ handler, log: true }, "log must be a function"],
    [{ handler: () => {} }, "handler must be a path or a file: URL"],
    [{ handler: "nowhere/api.ts" }, "handler not found: there is no file /"],
    [undefined, "startFluid needs options"],
  ])("%j is refused: %s", async (options, message) => {
    const refused = startFluid(options as FluidOptions)

    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ code: "ERR_CONFIG" })
    await expect(refused).rejects.not.toThrow("secret")
  })

  it("are complete when only the handler is given", () => {
    expect(checkOptions({ handler })).toMatchObject({
      file: fileURLToPath(handler),
      suspend: true,
      suspendAfterMs: 0,
      maxDurationS: undefined,
      graceMs: 500,
    })
  })
})
