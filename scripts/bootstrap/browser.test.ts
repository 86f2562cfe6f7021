import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ensureBrowser } from "./browser.mjs"

describe("the search for a browser", () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "warmpool-path-"))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function install(name: string, script = ""): string {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }

  const nowhere = () => ({ env: { PATH: folder }, folders: [], fixed: [] })

  it.each(["chromium", "chromium-browser", "google-chrome"])("takes %s from the PATH", async (name) => {
    const path = install(name)

    expect(await ensureBrowser(nowhere())).toBe(path)
  })

  it("prefers the one that WARMPOOL_CHROMIUM names, and says when that is none", async () => {
    install("chromium")
    const mine = install("mine")

    const named = await ensureBrowser({ ...nowhere(), env: { PATH: folder, WARMPOOL_CHROMIUM: mine } })
    const wrong = ensureBrowser({ ...nowhere(), env: { PATH: folder, WARMPOOL_CHROMIUM: `${mine}-7` } })

    expect(named).toBe(mine)
    await expect(wrong).rejects.toThrow(/^WARMPOOL_CHROMIUM .* mend or unset it$/)
  })

  it("says how to get one where no package manager is known", async () => {
    await expect(ensureBrowser(nowhere())).rejects.toThrow(
      /^no Chromium on this machine: install it, .* WARMPOOL_CHROMIUM$/,
    )
  })

  it("gets Debian's by apt, the list of packages brought up to date first", async () => {
    install("sudo", 'shift; exec "$@"')
    install("true")
    install(
      "apt-get",
      `echo "$@" >> ${folder}/noted; case "$*" in *install*) printf '#!/bin/sh' > ${folder}/chromium; /bin/chmod 755 ${folder}/chromium;; esac`,
    )

    const path = await ensureBrowser(nowhere())

    expect(path).toBe(join(folder, "chromium"))
    expect(readFileSync(join(folder, "noted"), "utf8").trim().split("\n")).toEqual([
      "-qq update",
      "-qq install --yes --no-install-recommends chromium",
    ])
  })
})
