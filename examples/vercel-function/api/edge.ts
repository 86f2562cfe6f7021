import { redis } from "@warmpool/vercel"

export const config = { runtime: "edge" }

export default async function handler(): Promise<Response> {
  return Response.json({ visits: await redis.incr("visits") })
}
