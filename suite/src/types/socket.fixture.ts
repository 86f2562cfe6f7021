import { createRedis } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket"

// Checked by projects.test.ts in projects of their own, never run: what users of the published package may write.

export const redis = createRedis({ transport: socketTransport({ url: "rediss://localhost" }) })

// @ts-expect-error
socketTransport({ url: 1 })
