import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { PackedPackages, type ProjectOptions } from "./project.ts"

const fileNamed = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** None of them has ioredis. */
const NODE: ProjectOptions = { installed: ["@types/node", "undici-types"], types: ["node"] }
const WORKERS: ProjectOptions = {
  installed: ["@cloudflare/workers-types"],
  types: ["@cloudflare/workers-types"],
  conditions: ["workerd"],
}
const DOM: ProjectOptions = { lib: ["es2023", "dom"] }
const OTEL: ProjectOptions = { ...NODE, installed: ["@types/node", "undici-types", "@opentelemetry/api"] }

let packed: PackedPackages

beforeAll(async () => {
  packed = await PackedPackages.of(["core", "socket", "upstash", "lambda", "cloudflare"])
})
afterAll(() => packed[Symbol.asyncDispose]())

describe("the published types, ioredis out of reach", () => {
  it.each([
    ["core.fixture.ts", "Node's types only", NODE],
    ["core.fixture.ts", "Workers' types only", WORKERS],
    ["core.fixture.ts", "the DOM only", DOM],
    ["socket.fixture.ts", "Node's types only", NODE],
    ["socket.fixture.ts", "Workers' types only", WORKERS],
    ["lambda.fixture.ts", "Node's types only", NODE],
    ["lambda.fixture.ts", "the DOM only", DOM],
    ["lambda-entries.fixture.ts", "Node's types only", NODE],
    ["cloudflare.fixture.ts", "Workers' types only", WORKERS],
    ["otel.fixture.ts", "Node's types and OpenTelemetry's", OTEL],
  ])("take right calls and refuse wrong ones: %s with %s", async (file, _, options) => {
    expect(await packed.check(fileNamed(file), options)).toBe("")
  })

  it("are what such a project sees: a mistake is one, and ioredis is not there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-mistake-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, "mistake.ts")
    const lines = [
      'import { createRedis } from "@warmpool/core"',
      'import type { Redis } from "ioredis"',
      "export const redis: Redis = createRedis({ transport: 1 })",
    ]
    await writeFile(file, lines.join("\n"))

    const told = await packed.check(file, NODE)

    expect(told).toMatch(/mistake\.ts\(2,\d+\): error TS2307: Cannot find module 'ioredis'/)
    expect(told).toMatch(/mistake\.ts\(3,\d+\): error TS2322/)
  })
})
