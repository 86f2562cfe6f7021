import { ask } from "./outcome.fixture.ts"
import { ioredisTransport } from "./transport.ts"

/** Uses a connection, or fails to open one, and then has nothing more to do. */
const [how = "", url = ""] = process.argv.slice(2)
const loadedMs = performance.now()
const abort = new AbortController()
const target = how === "refused" ? { url, database: 99 } : { url, name: "leaves" }
const connecting = ioredisTransport(target).connect({ signal: abort.signal })
if (how === "aborted") abort.abort(new Error("given up"))
const connection = await connecting.catch(() => undefined)
if (connection) {
  await ask(connection, "PING")
  await connection.close()
}
process.stdout.write(JSON.stringify({ loadedMs, doneMs: performance.now() - loadedMs }))
