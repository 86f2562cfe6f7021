import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Missing } from "./missing.mjs"
import { chooseNode, installPackages } from "./packages.mjs"
import { ensureRedis, findRedis } from "./redis.mjs"
import { forwardSignals, Stopped } from "./run.mjs"
import { tasks } from "./tasks.mjs"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Nothing we run reports home, or asks for news of itself. */
const QUIET = {
  DO_NOT_TRACK: "1",
  NO_UPDATE_NOTIFIER: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  npm_config_update_notifier: "false",
}

/** Mends what the task lacks, runs it, and sets the exit code. */
export async function main([name = "", ...args]) {
  process.chdir(root)
  forwardSignals()
  try {
    process.exitCode = await perform(name, args)
  } catch (error) {
    if (error instanceof Stopped) return endBy(error.signal)
    if (!(error instanceof Missing)) throw error
    console.error(`warmpool: ${error.message}`)
    process.exitCode = 1
  }
}

async function perform(name, args) {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (!task) throw new Missing(`no task "${name}": there are ${Object.keys(tasks).join(", ")}`)
  if (process.platform !== "linux" && process.platform !== "darwin") {
    throw new Missing(`${process.platform} can't freeze a process: use Linux or macOS (on Windows, WSL)`)
  }
  const redis = await redisFor(task)
  await installPackages(root)
  const node = await chooseNode(root)
  return task.run({ root, node, args, env: environment(node, redis) })
}

/** A server of the user's own will do for tasks that can use one. */
function redisFor({ redis }) {
  if (redis === "none") return undefined
  if (redis === "any" && process.env.REDIS_URL) return findRedis()
  return ensureRedis()
}

function environment(node, redis) {
  const path = [dirname(node), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter)
  const plain = process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: "1" }
  const found = redis ? { WARMPOOL_REDIS_SERVER: redis } : {}
  return { ...process.env, ...QUIET, ...plain, ...found, PATH: path }
}

/** Ends as a process ended by this signal does, so that callers can tell. */
function endBy(signal) {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
