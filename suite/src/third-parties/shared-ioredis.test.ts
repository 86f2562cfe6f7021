import { createRedis } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { startRedis } from "@warmpool/local"
import { Redis } from "ioredis"
import { expect, it } from "vitest"

it("an ioredis that BullMQ holds gives us its configuration, and stays BullMQ's", async () => {
  await using server = await startRedis({ password: "planted" })
  const connection = new Redis(server.url, { maxRetriesPerRequest: null })
  const waiting = connection.bzpopmin("jobs", 0)
  const redis = createRedis({ transport: ioredisTransport(connection) })

  // The connection waits for a job: what goes over it would wait too.
  expect(await redis.incr("visits")).toBe(1)
  await redis.close()
  await server.command("ZADD", "jobs", 1, "first")

  expect(await waiting).toEqual(["jobs", "first", "1"])
  expect(connection.status).toBe("ready")
  connection.disconnect()
})
