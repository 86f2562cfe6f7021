import { join } from "node:path"
import { installFirst } from "./apt.mjs"
import { Missing } from "./missing.mjs"
import { isProgram, pathOf } from "./programs.mjs"
import { run } from "./run.mjs"

/** All are one binary, which looks at its own name: Debian's `redis-tools` ships it as `redis-check-rdb` only. */
const NAMES = ["redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb"]
/** Where package managers put it although a PATH may not name them. */
const FOLDERS = [
  "/usr/sbin",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/opt/homebrew/bin",
  "/home/linuxbrew/.linuxbrew/bin",
]
const HINT = "or name one in WARMPOOL_REDIS_SERVER"

/**
 * The path of a redis-server; installs one through the system's package manager when there is none.
 *
 * @throws Missing when that is not possible here.
 */
export async function ensureRedis({ env = process.env, folders = FOLDERS } = {}) {
  const named = env.WARMPOOL_REDIS_SERVER
  if (named) {
    if (isProgram(named)) return named
    throw new Missing("WARMPOOL_REDIS_SERVER does not name an executable file: mend or unset it")
  }
  return findRedis({ env, folders }) ?? (await installRedis({ env, folders }))
}

/** The path of a redis-server on this machine, or undefined. */
export function findRedis({ env = process.env, folders = FOLDERS } = {}) {
  const everywhere = [...pathOf(env), ...folders]
  return NAMES.flatMap((name) => everywhere.map((folder) => join(folder, name))).find(isProgram)
}

async function installRedis({ env, folders }) {
  const onPath = (name) => pathOf(env).some((folder) => isProgram(join(folder, name)))
  if (onPath("apt-get")) await installByApt(env)
  else if (onPath("brew")) await installByBrew(env)
  else
    throw new Missing(
      `no redis-server on the PATH: install redis or valkey with your package manager, ${HINT}`,
    )
  const path = findRedis({ env, folders })
  if (path) return path
  throw new Missing(
    `no redis-server on the PATH, and installing one failed (see above): install it yourself, ${HINT}`,
  )
}

/** `redis-tools` starts no daemon, unlike `redis-server`. */
function installByApt(env) {
  return installFirst(["redis-tools", "valkey-tools"], {
    lack: "no redis-server on the PATH",
    hint: HINT,
    env,
  })
}

async function installByBrew(env) {
  console.log("» redis: brew install redis")
  await run("brew", ["install", "--quiet", "redis"], { ...env, HOMEBREW_NO_ANALYTICS: "1" })
}
