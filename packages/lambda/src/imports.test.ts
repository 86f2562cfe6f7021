import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"

const NEEDLESS = [
  "http",
  "https",
  "tls",
  "crypto",
  "dns/promises",
  "worker_threads",
  "child_process",
  "fs/promises",
  "readline",
  "zlib",
]

/** The built-in modules that a script loads in a process of its own, beyond those of an empty one. */
function loadedBy(script: string): string[] {
  const show = "process.stdout.write(JSON.stringify(process.moduleLoadList))"
  const list = (source: string): string[] =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", source], {
        cwd: import.meta.dirname,
        encoding: "utf8",
      }),
    )
  const before = new Set(list(`import "node:net"; ${show}`))
  return list(`${script}; ${show}`)
    .filter((name) => !before.has(name))
    .map((name) => name.replace("NativeModule ", ""))
}

describe("a cold start", () => {
  it("loads no module of Node that it may not need", () => {
    const loaded = loadedBy(`
      const { createRedis } = await import("@warmpool/lambda")
      createRedis({ url: "redis://127.0.0.1:1", prewarm: false })
    `)

    expect(loaded.filter((name) => NEEDLESS.includes(name))).toEqual([])
  })
})
