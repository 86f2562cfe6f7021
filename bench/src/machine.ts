import { readFile } from "node:fs/promises"
import { availableParallelism, cpus, release, totalmem, type } from "node:os"
import { startRedis } from "@warmpool/local"
import { findProgram, printed } from "./programs.ts"

/** On what, and with which versions, figures were taken. */
export interface Machine {
  readonly takenAt: string
  readonly commit: string
  readonly system: string
  readonly processor: string
  readonly memory: string
  readonly versions: Readonly<Record<string, string>>
}

const PACKAGES = ["ioredis", "redis", "@valkey/valkey-glide", "@upstash/redis", "esbuild", "miniflare"]

/** Looks the machine over. */
export async function describeMachine(): Promise<Machine> {
  const versions: Record<string, string> = { node: process.versions.node }
  versions["redis-server"] = await serverVersion()
  const benchmark = await findProgram("redis-benchmark")
  if (benchmark) versions["redis-benchmark"] = (await printed(benchmark, ["--version"]))?.split(" ")[1] ?? "?"
  for (const name of PACKAGES) versions[name] = await packageVersion(name)
  return {
    takenAt: new Date().toISOString(),
    commit: await commit(),
    system: `${type()} ${release()}, ${process.arch}`,
    processor: `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} of ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    versions,
  }
}

async function packageVersion(name: string): Promise<string> {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string }
  return version
}

async function serverVersion(): Promise<string> {
  await using server = await startRedis()
  const info = String(await server.command("INFO", "server"))
  return /(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? "unknown"
}

/** The commit, and whether files differ from it. */
async function commit(): Promise<string> {
  const hash = await printed("git", ["rev-parse", "--short", "HEAD"])
  if (hash === undefined) return "unknown"
  const changes = await printed("git", ["status", "--porcelain", "--", "packages"])
  return changes === "" ? hash : `${hash}, with changes`
}
