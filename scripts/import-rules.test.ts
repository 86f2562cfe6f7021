import { beforeAll, describe, expect, it } from "vitest"
import { lintPlanted, type Planted } from "./planted.ts"

/** `rule` is the number in the design's list of who may import whom. */
const refused: readonly [rule: number, path: string, specifier: string][] = [
  [1, "packages/core/src/pool.ts", "lodash"],
  [1, "packages/core/src/pool.ts", "ioredis"],
  [1, "packages/core/src/pool.ts", "@warmpool/socket"],
  [1, "packages/core/src/pool.ts", "../../socket/src/node.ts"],
  [1, "packages/core/src/pool.ts", "vitest"],
  [1, "packages/core/src/testing/index.ts", "@warmpool/local"],
  [2, "packages/socket/src/node.ts", "ioredis"],
  [2, "packages/socket/src/node.ts", "@warmpool/ioredis"],
  [2, "packages/socket/src/node.ts", "../../core/src/pool.ts"],
  [2, "packages/socket/src/node.ts", "../../core/dist/pool.js"],
  [2, "packages/ioredis/src/index.ts", "@warmpool/socket"],
  [2, "packages/ioredis/src/index.ts", "redis"],
  [2, "packages/upstash/src/index.ts", "ioredis"],
  [2, "packages/upstash/src/index.ts", "@warmpool/ioredis"],
  [3, "packages/lambda/src/handler.ts", "@warmpool/cloudflare"],
  [3, "packages/lambda/src/handler.ts", "@warmpool/vercel"],
  [3, "packages/lambda/src/handler.ts", "ioredis"],
  [3, "packages/lambda/src/handler.ts", "@warmpool/ioredis"],
  [3, "packages/lambda/src/index.ts", "ioredis"],
  [3, "packages/lambda/src/index.ts", "@warmpool/upstash"],
  [3, "packages/lambda/src/cluster.ts", "ioredis"],
  [3, "packages/cloudflare/src/index.ts", "@warmpool/ioredis"],
  [3, "packages/cloudflare/src/index.ts", "@warmpool/lambda"],
  [3, "packages/vercel/src/index.ts", "@warmpool/ioredis"],
  [3, "packages/vercel/src/index.ts", "@warmpool/lambda"],
  [3, "packages/gateway/src/index.ts", "@warmpool/upstash"],
  [3, "packages/gateway/src/index.ts", "express"],
  [4, "packages/local/src/redis.ts", "@warmpool/core"],
  [4, "packages/local/src/redis.ts", "@warmpool/core/resp"],
  [4, "packages/local/src/redis.ts", "warmpool"],
  [4, "packages/cli/src/doctor.ts", "@warmpool/suite"],
  [4, "packages/cli/src/doctor.ts", "@warmpool/bench"],
  [4, "packages/lambda/src/handler.test.ts", "@warmpool/suite"],
  [5, "packages/core/src/pool.ts", "node:fs"],
  [5, "packages/core/src/pool.ts", "fs"],
  [5, "packages/core/src/pool.ts", "node:timers/promises"],
  [5, "packages/cloudflare/src/index.ts", "node:net"],
  [5, "packages/upstash/src/index.ts", "node:http"],
  [5, "packages/socket/src/workerd.ts", "node:net"],
  [5, "packages/vercel/src/edge.ts", "node:async_hooks"],
]

const allowed: readonly [path: string, specifier: string][] = [
  ["packages/core/src/pool.ts", "./lane.ts"],
  ["packages/core/src/resp/parser.ts", "../errors.ts"],
  ["packages/core/src/testing/index.ts", "vitest"],
  ["packages/core/src/pool.test.ts", "vitest"],
  ["packages/core/src/pool.test.ts", "node:events"],
  ["packages/socket/src/node.ts", "@warmpool/core/resp"],
  ["packages/socket/src/node.ts", "node:net"],
  ["packages/socket/src/workerd.ts", "cloudflare:sockets"],
  ["packages/ioredis/src/index.ts", "ioredis"],
  ["packages/ioredis/src/index.test.ts", "@warmpool/local"],
  ["packages/upstash/src/index.ts", "@upstash/redis"],
  ["packages/upstash/src/node.ts", "node:http"],
  ["packages/lambda/src/handler.ts", "@warmpool/socket"],
  ["packages/lambda/src/handler.ts", "node:async_hooks"],
  ["packages/lambda/src/cluster.ts", "@warmpool/ioredis"],
  ["packages/cloudflare/src/index.ts", "cloudflare:workers"],
  ["packages/vercel/src/node.ts", "@warmpool/socket"],
  ["packages/vercel/src/edge.ts", "@warmpool/upstash"],
  ["packages/gateway/src/index.ts", "hono"],
  ["packages/local/src/redis.ts", "node:child_process"],
  ["packages/cli/src/doctor.ts", "@warmpool/lambda"],
  ["suite/src/freeze.test.ts", "@warmpool/lambda"],
]

/** The ways to import; each must be seen. */
const forms: readonly ((specifier: string) => string)[] = [
  (specifier) => `import "${specifier}"`,
  (specifier) => `import type { A } from "${specifier}"`,
  (specifier) => `export { a } from "${specifier}"`,
  (specifier) => `export * from "${specifier}"`,
  (specifier) => `void import("${specifier}")`,
]

/** `lint` is undefined where the line is fine. */
const globals: readonly [rule: number, path: string, source: string, lint: string | undefined][] = [
  [5, "packages/core/src/host.ts", "Buffer.from([])", "noRestrictedGlobals"],
  [5, "packages/core/src/host.ts", "setImmediate(() => undefined)", "noRestrictedGlobals"],
  [5, "packages/core/src/host.ts", "process.cwd()", "noRestrictedGlobals"],
  [5, "packages/cloudflare/src/index.ts", "process.cwd()", "noRestrictedGlobals"],
  [5, "packages/socket/src/workerd.ts", "Buffer.from([])", "noRestrictedGlobals"],
  [5, "packages/socket/src/node.ts", "Buffer.from([])", undefined],
  [6, "packages/core/src/host.ts", 'process.env["A"]', "noProcessEnv"],
  [6, "packages/socket/src/node.ts", 'process.env["A"]', "noProcessEnv"],
  [6, "packages/socket/src/node.ts", 'import { env } from "node:process"; env["A"]', "noProcessEnv"],
  [6, "packages/lambda/src/handler.ts", 'process.env["A"]', "noProcessEnv"],
  [6, "packages/lambda/src/index.ts", 'process.env["A"]', undefined],
  [6, "packages/socket/src/node.ts", 'console.log("a")', "noConsole"],
  [6, "packages/core/src/host.ts", 'console.error("a")', "noConsole"],
  [6, "packages/lambda/src/handler.ts", 'console.warn("a")', "noConsole"],
  [6, "packages/cli/src/doctor.ts", 'console.log("a")', undefined],
  [6, "packages/upstash/src/index.ts", "navigator.userAgent", "noRestrictedGlobals"],
  [6, "packages/lambda/src/handler.ts", "Bun.version", "noRestrictedGlobals"],
]

describe("the import rules", () => {
  let lint: (line: Planted) => readonly string[]

  beforeAll(() => {
    lint = lintPlanted([
      ...refused.flatMap(([, path, specifier]) => forms.map((form) => ({ path, source: form(specifier) }))),
      ...allowed.flatMap(([path, specifier]) => forms.map((form) => ({ path, source: form(specifier) }))),
      ...globals.map(([, path, source]) => ({ path, source })),
    ])
  })

  it.each(refused)("by rule %i refuse that %s imports %s, in any form", (_rule, path, specifier) => {
    for (const form of forms) {
      const source = form(specifier)

      expect(lint({ path, source }), source).toContain("noRestrictedImports")
    }
  })

  it.each(allowed)("let %s import %s, in any form", (path, specifier) => {
    for (const form of forms) {
      const source = form(specifier)

      expect(lint({ path, source }), source).not.toContain("noRestrictedImports")
    }
  })

  it.each(globals.filter(([, , , rule]) => rule !== undefined))(
    "by rule %i refuse in %s: %s",
    (_rule, path, source, rule) => {
      expect(lint({ path, source })).toContain(rule)
    },
  )

  it.each(globals.filter(([, , , rule]) => rule === undefined))(
    "by rule %i allow in %s: %s",
    (_rule, path, source) => {
      const restricted = ["noRestrictedGlobals", "noProcessEnv", "noConsole"]

      expect(lint({ path, source }).filter((name) => restricted.includes(name))).toEqual([])
    },
  )

  it("refuse a cycle of imports", () => {
    const there = { path: "packages/core/src/a.ts", source: 'export { b } from "./b.ts"' }
    const back = { path: "packages/core/src/b.ts", source: 'export { a } from "./a.ts"' }

    const lintCycle = lintPlanted([there, back])

    expect(lintCycle(there)).toContain("noImportCycles")
    expect(lintCycle(back)).toContain("noImportCycles")
  })
})
