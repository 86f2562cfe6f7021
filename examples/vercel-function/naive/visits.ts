import { Redis } from "ioredis"

/** What most functions end with: a client at module scope, which suspension breaks. Kept to compare with, not to copy. */
const redis = new Redis(process.env["REDIS_URL"] ?? "")
redis.on("error", (error: Error) => console.error(error.message))

export async function GET(): Promise<Response> {
  return Response.json({ visits: await redis.incr("visits") })
}
