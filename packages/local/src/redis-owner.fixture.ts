import { startRedis } from "./redis.ts"

/** Starts a server and says where; lives on only if told to. */
const [what] = process.argv.slice(2)
const redis = await startRedis()
const [, folder] = (await redis.command("CONFIG", "GET", "dir")) as string[]
if (what === "pauses") await redis.pause()
process.stdout.write(JSON.stringify({ pid: redis.pid, port: redis.port, folder }))
if (what !== "leaves") setInterval(() => undefined, 60_000)
