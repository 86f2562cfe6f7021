import { describeTransport } from "@warmpool/core/testing"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { ioredisTransport } from "./transport.ts"

describeTransport("ioredisTransport", async () => {
  const redis = await startRedis({ password: "right" })
  const faults = await startFaultProxy({ target: redis })
  const secret = "planted-wrong-password"
  return {
    faults,
    rawIsExact: true,
    open: () => ioredisTransport(faults.url()),
    openRefused: () => ({ transport: ioredisTransport(faults.url(`redis://:${secret}@host`)), secret }),
    command: (...args) => redis.command(...args),
    async close() {
      await faults.close()
      await redis.close()
    },
  }
})
