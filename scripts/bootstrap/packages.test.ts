import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { isInstalled } from "./packages.mjs"

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
