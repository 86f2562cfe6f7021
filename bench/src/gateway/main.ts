// A process that serves the gateway, and tells its parent where.
import { createRedis } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import { socketTransport } from "@warmpool/socket"

const [url = "", token = ""] = process.argv.slice(2)
const gateway = await serveGateway({
  redis: createRedis({ transport: socketTransport({ url }) }),
  tokens: token,
  host: "127.0.0.1",
  port: 0,
})

// Whoever asked is gone.
process.on("disconnect", () => process.exit())
process.send?.({ url: gateway.url })
