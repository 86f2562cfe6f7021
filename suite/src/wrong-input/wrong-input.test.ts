import { inspect } from "node:util"
import { makeMethods } from "@warmpool/core/commands"
import { createPortableRedis, lazyPortableRedis } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { expectRow } from "./expect-row.ts"
import { entries, functionsOf, methodsOf } from "./exported.ts"
import { aFunction, SECRET, type Table } from "./row.ts"
import { SEAMS } from "./seams.ts"
import { cli, said } from "./tables/cli.ts"
import { client, made, NOTHING_TAKEN } from "./tables/client.ts"
import { core } from "./tables/core.ts"
import { elsewhere } from "./tables/elsewhere.ts"
import { fetchGateway, gateway } from "./tables/gateway.ts"
import { cacheClient, lambda } from "./tables/lambda.ts"
import { local } from "./tables/local.ts"
import { faults, proxy } from "./tables/proxy.ts"
import { transports } from "./tables/transports.ts"
import { vercel } from "./tables/vercel.ts"
import { toldBy, wholeOf } from "./told.ts"

const table: Table = {
  ...core,
  ...client,
  ...transports,
  ...lambda,
  ...vercel,
  ...gateway,
  ...local,
  ...faults,
  ...elsewhere,
  ...cli,
}

/** What says where a server is to those that were given none. */
const VARIABLES = ["REDIS_URL", "KV_URL", "KV_REST_API_URL", "UPSTASH_REDIS_REST_URL", "WARM_FUNCTION_NAME"]

const commands: ReadonlySet<string> = new Set(Object.keys(makeMethods(() => undefined)))
const everything = (error: unknown): string =>
  `${wholeOf(error)}\n${inspect(error, { depth: null, showHidden: true })}`

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined)
})

describe.each(Object.entries(table))("%s", (_name, rows) => {
  it.each(rows)("refuses $wrong", async (row) => {
    expectRow(await toldBy(row, everything), row)
  })
})

describe("the table", () => {
  it("has rows for every function that a package exports to Node", async () => {
    const modules = new Map<string, object>()
    for (const { name, file, runtime } of entries())
      if (runtime === "node") modules.set(name, await import(file))

    const lacking = functionsOf(modules).filter(
      (names) => !names.some((name) => hasRows(name) || SEAMS.has(name)),
    )

    expect(modules.size).toBeGreaterThan(30)
    expect(lacking).toEqual([])
  })

  it("has rows for every method that takes something", async () => {
    const methods = await made.leased((lease) => [
      ...methodsOf(made.Redis, commands).map((name) => `Redis ${name}`),
      ...methodsOf(lease as object, commands).map((name) => `Lease ${name}`),
      ...methodsOf(made.Pipeline, commands).map((name) => `Pipeline ${name}`),
      ...methodsOf(cacheClient).map((name) => `CacheClient ${name}`),
      ...methodsOf(proxy).map((name) => `FaultProxy ${name}`),
      ...methodsOf(fetchGateway).map((name) => `FetchGateway ${name}`),
    ])

    expect((methods as string[]).filter((name) => !hasRows(name) && !NOTHING_TAKEN.has(name))).toEqual([])
  })

  it("has rows for every command of the program", async () => {
    const named = [...(await said(["--help"])).matchAll(/npx (warmpool [a-z]+) /g)].map(
      ([, name = ""]) => name,
    )

    expect(named).toContain("warmpool gateway")
    expect(named.filter((name) => !hasRows(name))).toEqual([])
  })
})

describe("every command", () => {
  const wrong: [string, unknown, RegExp][] = [
    ["an object", { [SECRET]: { [SECRET]: SECRET } }, /argument 3 is of type Object: pass a string/],
    [
      "a callback",
      aFunction,
      /argument 3 is of type Function: .*callbacks are not supported, await the promise/,
    ],
    ["a promise", Promise.resolve(SECRET), /argument 3 is of type Promise: .*await the promise/],
    ["an array in an array", [[SECRET]], /argument 3 is of type Array: pass a string/],
  ]
  const transport = upstashTransport({ url: "https://a.test", token: SECRET })
  const clients: [string, object][] = [
    ["a client", made.Redis],
    ["a client over HTTP", createPortableRedis({ transport })],
    ["a client made later", lazyPortableRedis(() => ({ transport }))],
    ["a pipeline", made.Pipeline],
  ]

  describe.each(clients)("of %s", (_name, target) => {
    it.each(wrong)("refuses %s", async (_wrong, argument, says) => {
      for (const name of commands) {
        const run = (): unknown => Reflect.get(target, name).call(target, SECRET, SECRET, argument)
        expectRow(await toldBy({ run }), { error: "ArgumentError", says })
      }
    })
  })
})

function hasRows(name: string): boolean {
  return (table[name]?.length ?? 0) > 0
}
