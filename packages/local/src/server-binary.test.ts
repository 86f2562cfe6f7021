import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { findServerBinary } from "./server-binary.ts"

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmpool-binary-"))
  for (const name of ["valkey-server", "redis-check-rdb", "not-a-program"]) {
    await writeFile(join(folder, name), "#!/bin/sh\n")
    await chmod(join(folder, name), name === "not-a-program" ? 0o644 : 0o755)
  }
})

afterAll(() => rm(folder, { recursive: true }))

it("takes the first server on the PATH, by the order of names", async () => {
  expect(await findServerBinary({ PATH: `/nowhere:${folder}` })).toEqual({
    path: join(folder, "valkey-server"),
    checker: false,
  })
})

it("knows the checker, which is a server only under another name", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "warmpool-binary-"))
  await symlink(join(folder, "redis-check-rdb"), join(elsewhere, "redis-check-rdb"))

  const binary = await findServerBinary({ PATH: elsewhere })

  expect(binary).toEqual({ path: join(elsewhere, "redis-check-rdb"), checker: true })
  await rm(elsewhere, { recursive: true })
})

it("prefers what WARMPOOL_REDIS_SERVER names, as a path or as a name", async () => {
  const checker = { path: join(folder, "redis-check-rdb"), checker: true }

  expect(await findServerBinary({ PATH: folder, WARMPOOL_REDIS_SERVER: checker.path })).toEqual(checker)
  expect(await findServerBinary({ PATH: folder, WARMPOOL_REDIS_SERVER: "redis-check-rdb" })).toEqual(checker)
})

it.each(["", "/nowhere"])("says how to install a server when there is none on the PATH %j", async (PATH) => {
  await expect(findServerBinary({ PATH })).rejects.toThrow(/apt-get install redis-tools.*brew install redis/)
})

it("says that WARMPOOL_REDIS_SERVER is wrong instead of taking another", async () => {
  const WARMPOOL_REDIS_SERVER = join(folder, "not-a-program")

  await expect(findServerBinary({ PATH: folder, WARMPOOL_REDIS_SERVER })).rejects.toMatchObject({
    code: "ERR_REDIS_START",
    message: `WARMPOOL_REDIS_SERVER names no program: ${WARMPOOL_REDIS_SERVER}`,
  })
})
