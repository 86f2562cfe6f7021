// A sandbox that gets SIGTERM whatever we do, because of an extension of somebody else, and that stays until SIGKILL:
// whoever closes connections in the meantime is us.
import { createRedis, withRedis } from "@warmpool/lambda"

const api = `http://${process.env["AWS_LAMBDA_RUNTIME_API"]}/2020-01-01/extension`
const registered = await fetch(`${api}/register`, {
  method: "POST",
  headers: { "Lambda-Extension-Name": "somebody-else" },
  body: '{"events":[]}',
})
const identifier = registered.headers.get("lambda-extension-identifier") ?? ""
fetch(`${api}/event/next`, { headers: { "Lambda-Extension-Identifier": identifier } }).catch(() => {})
process.on("SIGTERM", () => setInterval(() => {}, 1_000))

const redis = createRedis({ closeOnShutdown: process.env["CLOSE_ON_SHUTDOWN"] !== "no" })

export const handler = withRedis(redis, async () => redis.ping())
