"use server"

import { redis } from "@warmpool/vercel"
import { refresh } from "next/cache"

/** What the button does. */
export async function like(): Promise<void> {
  await redis.incr("likes")
  refresh()
}
