import { createPortableRedis } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash/transport"

// Two commands over HTTPS, and how the connections of the server were used: trust comes with the environment.
const [, , url, token] = process.argv
const redis = createPortableRedis({ transport: upstashTransport({ url, token }), commandTimeoutMs: 20_000 })
await redis.set("k", "v")
console.log(await redis.get("k"))
await redis.close()
