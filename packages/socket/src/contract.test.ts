import { describeTransport } from "@warmpool/core/testing"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { socketTransport } from "./node.ts"

describeTransport("socketTransport", async () => {
  const redis = await startRedis({ password: "right" })
  const faults = await startFaultProxy({ target: redis })
  const secret = "planted-wrong-password"
  return {
    faults,
    rawIsExact: true,
    open: () => socketTransport({ url: faults.url() }),
    openRefused: () => ({
      transport: socketTransport({ url: faults.url(`redis://:${secret}@host`) }),
      secret,
    }),
    command: (...args) => redis.command(...args),
    async close() {
      await faults.close()
      await redis.close()
    },
  }
})
