import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { useOwnPath } from "./own-path.ts"
import { ensureRedis, findRedis } from "./redis.mjs"

describe("the search for a redis-server", () => {
  const bin = useOwnPath()

  it.each(["redis-server", "valkey-server", "redis-check-rdb"])("takes %s from the PATH", (name) => {
    const path = bin.install(name)

    expect(findRedis({ env: { PATH: `/nowhere:${bin.folder}` }, folders: [] })).toBe(path)
  })

  it("looks where package managers install, although the PATH does not name it", () => {
    const path = bin.install("redis-server")

    expect(findRedis({ env: {}, folders: [bin.folder] })).toBe(path)
  })

  it("takes a server by its own name before one by another", () => {
    bin.install("redis-check-rdb")
    const path = bin.install("redis-server")

    expect(findRedis({ env: { PATH: bin.folder }, folders: [] })).toBe(path)
  })

  it("prefers the one that WARMPOOL_REDIS_SERVER names", async () => {
    bin.install("redis-server")
    const path = bin.install("mine")

    expect(await ensureRedis({ env: { PATH: bin.folder, WARMPOOL_REDIS_SERVER: path }, folders: [] })).toBe(
      path,
    )
  })

  it("says that WARMPOOL_REDIS_SERVER is wrong, without using another", async () => {
    const env = { PATH: bin.folder, WARMPOOL_REDIS_SERVER: `${bin.install("redis-server")}-7` }

    await expect(ensureRedis({ env, folders: [] })).rejects.toThrow(
      /^WARMPOOL_REDIS_SERVER .* mend or unset it$/,
    )
  })

  it("says how to get one where no package manager is known", async () => {
    const found = ensureRedis({ env: { PATH: bin.folder }, folders: [] })

    await expect(found).rejects.toThrow(/^no redis-server on the PATH: install .* WARMPOOL_REDIS_SERVER$/)
  })

  describe("where there is none", () => {
    const noted = () => readFileSync(join(bin.folder, "noted"), "utf8").trim().split("\n")
    /** A stand-in for a package manager: notes what it is asked, and installs a server of this name. */
    const manager = (name: string) =>
      `echo "$@" >> ${bin.folder}/noted; case "$*" in *install*) printf '#!/bin/sh' > ${bin.folder}/${name}; /bin/chmod 755 ${bin.folder}/${name};; esac`

    beforeEach(() => {
      bin.install("sudo", 'shift; exec "$@"')
      bin.install("true")
    })

    it("gets one by apt, the list of packages brought up to date first", async () => {
      bin.install("apt-get", manager("redis-check-rdb"))

      const path = await ensureRedis({ env: { PATH: bin.folder }, folders: [] })

      expect(path).toBe(join(bin.folder, "redis-check-rdb"))
      expect(noted()).toEqual(["-qq update", "-qq install --yes --no-install-recommends redis-tools"])
    })

    it("gets one by brew, which may install outside the PATH", async () => {
      bin.install("brew", manager("redis-server"))

      expect(await ensureRedis({ env: { PATH: bin.folder }, folders: [bin.folder] })).toBe(
        join(bin.folder, "redis-server"),
      )
      expect(noted()).toEqual(["install --quiet redis"])
    })

    it("says so when the package manager fails", async () => {
      bin.install("apt-get", "exit 100")

      const found = ensureRedis({ env: { PATH: bin.folder }, folders: [] })

      await expect(found).rejects.toThrow(/^no redis-server on the PATH, and installing one failed/)
    })
  })
})
