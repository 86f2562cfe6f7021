import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ensureBrowser } from "./browser.mjs"
import { useOwnPath } from "./own-path.ts"

describe("the search for a browser", () => {
  const bin = useOwnPath()

  const nowhere = () => ({ env: { PATH: bin.folder }, folders: [], fixed: [] })

  it.each(["chromium", "chromium-browser", "google-chrome"])("takes %s from the PATH", async (name) => {
    const path = bin.install(name)

    expect(await ensureBrowser(nowhere())).toBe(path)
  })

  it("prefers the one that WARMPOOL_CHROMIUM names, and says when that is none", async () => {
    bin.install("chromium")
    const mine = bin.install("mine")

    const named = await ensureBrowser({ ...nowhere(), env: { PATH: bin.folder, WARMPOOL_CHROMIUM: mine } })
    const wrong = ensureBrowser({ ...nowhere(), env: { PATH: bin.folder, WARMPOOL_CHROMIUM: `${mine}-7` } })

    expect(named).toBe(mine)
    await expect(wrong).rejects.toThrow(/^WARMPOOL_CHROMIUM .* mend or unset it$/)
  })

  it("says how to get one where no package manager is known", async () => {
    await expect(ensureBrowser(nowhere())).rejects.toThrow(
      /^no Chromium on this machine: install it, .* WARMPOOL_CHROMIUM$/,
    )
  })

  it("gets Debian's by apt, the list of packages brought up to date first", async () => {
    bin.install("sudo", 'shift; exec "$@"')
    bin.install("true")
    bin.install(
      "apt-get",
      `echo "$@" >> ${bin.folder}/noted; case "$*" in *install*) printf '#!/bin/sh' > ${bin.folder}/chromium; /bin/chmod 755 ${bin.folder}/chromium;; esac`,
    )

    const path = await ensureBrowser(nowhere())

    expect(path).toBe(join(bin.folder, "chromium"))
    expect(readFileSync(join(bin.folder, "noted"), "utf8").trim().split("\n")).toEqual([
      "-qq update",
      "-qq install --yes --no-install-recommends chromium",
    ])
  })
})
