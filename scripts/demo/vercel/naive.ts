import { Redis } from "ioredis"

const redis = new Redis(process.env["REDIS_URL"] ?? "", { keyPrefix: process.env["KEY_PREFIX"] ?? "" })
// Without a listener it prints; what a loss costs is counted by the requests that fail.
redis.on("error", () => undefined)

export async function GET(): Promise<Response> {
  return Response.json({ visits: await redis.incr("visits") })
}
