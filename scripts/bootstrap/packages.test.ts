import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { chooseNode, isInstalled } from "./packages.mjs"

const lock = {
  "": { version: "1.0.0" },
  "packages/core": { version: "0.0.0" },
  "node_modules/@warmpool/core": { link: true },
  "node_modules/ioredis": { version: "6.0.0" },
  "node_modules/turbo-for-another-machine": { version: "2.0.0", optional: true },
}
const installed = {
  "node_modules/@warmpool/core": { link: true },
  "node_modules/ioredis": { version: "6.0.0" },
}

describe("isInstalled", () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "warmpool-root-"))
    mkdirSync(join(root, "node_modules"))
    write("package-lock.json", lock)
  })

  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  function write(path: string, packages: object): void {
    writeFileSync(join(root, path), JSON.stringify({ packages }))
  }

  it("wants packages", () => {
    expect(isInstalled(root)).toBe(false)
  })

  it("takes what npm installed by hand, packages for other machines aside", () => {
    write("node_modules/.package-lock.json", installed)

    expect(isInstalled(root)).toBe(true)
  })

  it("wants a package of another version", () => {
    write("node_modules/.package-lock.json", { ...installed, "node_modules/ioredis": { version: "5.0.0" } })

    expect(isInstalled(root)).toBe(false)
  })

  it("wants a package that the lockfile gained since", () => {
    write("node_modules/.package-lock.json", installed)
    isInstalled(root)

    write("package-lock.json", { ...lock, "node_modules/hono": { version: "4.0.0" } })

    expect(isInstalled(root)).toBe(false)
  })

  it("wants a workspace that is not linked", () => {
    write("node_modules/.package-lock.json", { "node_modules/ioredis": { version: "6.0.0" } })

    expect(isInstalled(root)).toBe(false)
  })
})

describe("WARMPOOL_NODE", () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "warmpool-node-"))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function nodeOf(version: string): string {
    const path = join(folder, "node")
    writeFileSync(path, `#!/bin/sh\necho ${version}\n`)
    chmodSync(path, 0o755)
    return path
  }

  it.each(["v22.18.0", "v24.1.0", "v26.0.0"])(
    "set to system takes the Node that npm runs under: %s",
    async (version) => {
      vi.stubEnv("WARMPOOL_NODE", "system")
      vi.stubEnv("npm_node_execpath", nodeOf(version))

      expect(await chooseNode(folder)).toBe(join(folder, "node"))
    },
  )

  it.each(["v20.20.2", "v22.17.1"])("set to system refuses an older one: %s", async (version) => {
    vi.stubEnv("WARMPOOL_NODE", "system")
    vi.stubEnv("npm_node_execpath", nodeOf(version))

    await expect(chooseNode(folder)).rejects.toThrow(
      `needs Node 22.18 or newer, this is ${version.slice(1)}: unset it, or get a newer Node`,
    )
  })

  it("set to anything else is said to be wrong", async () => {
    vi.stubEnv("WARMPOOL_NODE", "22")

    await expect(chooseNode(folder)).rejects.toThrow('unset it, or set it to "system"')
  })
})
