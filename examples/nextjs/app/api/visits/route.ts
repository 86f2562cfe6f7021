import { redis } from "@warmpool/vercel"

export async function GET(): Promise<Response> {
  return Response.json({ visits: await redis.incr("visits") })
}
