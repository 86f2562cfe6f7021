import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ensureRedis, findRedis } from "./redis.mjs"

describe("the search for a redis-server", () => {
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

  it.each(["redis-server", "valkey-server", "redis-check-rdb"])("takes %s from the PATH", (name) => {
    const path = install(name)

    expect(findRedis({ env: { PATH: `/nowhere:${folder}` }, folders: [] })).toBe(path)
  })

  it("looks where package managers install, although the PATH does not name it", () => {
    const path = install("redis-server")

    expect(findRedis({ env: {}, folders: [folder] })).toBe(path)
  })

  it("takes a server by its own name before one by another", () => {
    install("redis-check-rdb")
    const path = install("redis-server")

    expect(findRedis({ env: { PATH: folder }, folders: [] })).toBe(path)
  })

  it("prefers the one that WARMPOOL_REDIS_SERVER names", async () => {
    install("redis-server")
    const path = install("mine")

    expect(await ensureRedis({ env: { PATH: folder, WARMPOOL_REDIS_SERVER: path }, folders: [] })).toBe(path)
  })

  it("says that WARMPOOL_REDIS_SERVER is wrong, without using another", async () => {
    const env = { PATH: folder, WARMPOOL_REDIS_SERVER: `${install("redis-server")}-7` }

    await expect(ensureRedis({ env, folders: [] })).rejects.toThrow(
      /^WARMPOOL_REDIS_SERVER .* mend or unset it$/,
    )
  })

  it("says how to get one where no package manager is known", async () => {
    const found = ensureRedis({ env: { PATH: folder }, folders: [] })

    await expect(found).rejects.toThrow(/^no redis-server on the PATH: install .* WARMPOOL_REDIS_SERVER$/)
  })

  describe("where there is none", () => {
    const noted = () => readFileSync(join(folder, "noted"), "utf8").trim().split("\n")
    /** A stand-in for a package manager: notes what it is asked, and installs a server of this name. */
    const manager = (name: string) =>
      `echo "$@" >> ${folder}/noted; case "$*" in *install*) printf '#!/bin/sh' > ${folder}/${name}; /bin/chmod 755 ${folder}/${name};; esac`

    beforeEach(() => {
      install("sudo", 'shift; exec "$@"')
      install("true")
    })

    it("gets one by apt, the list of packages brought up to date first", async () => {
      install("apt-get", manager("redis-check-rdb"))

      const path = await ensureRedis({ env: { PATH: folder }, folders: [] })

      expect(path).toBe(join(folder, "redis-check-rdb"))
      expect(noted()).toEqual(["-qq update", "-qq install --yes --no-install-recommends redis-tools"])
    })

    it("gets one by brew, which may install outside the PATH", async () => {
      install("brew", manager("redis-server"))

      expect(await ensureRedis({ env: { PATH: folder }, folders: [folder] })).toBe(
        join(folder, "redis-server"),
      )
      expect(noted()).toEqual(["install --quiet redis"])
    })

    it("says so when the package manager fails", async () => {
      install("apt-get", "exit 100")

      const found = ensureRedis({ env: { PATH: folder }, folders: [] })

      await expect(found).rejects.toThrow(/^no redis-server on the PATH, and installing one failed/)
    })
  })
})
