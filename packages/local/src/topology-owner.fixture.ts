import { startCluster } from "./cluster.ts"
import { startSentinel } from "./sentinel.ts"

/** Starts servers, says where, and lives on. */
const [what] = process.argv.slice(2)
const servers = what === "cluster" ? (await startCluster()).nodes : await sentinelServers()
const folders = servers.map(async (server) =>
  String(await server.command("CONFIG", "GET", "dir").catch(() => "")),
)
const found = (await Promise.all(folders)).filter(Boolean).map((reply) => reply.replace(/^dir,/, ""))
process.stdout.write(JSON.stringify({ ports: servers.map(({ port }) => port), folders: found }))
setInterval(() => undefined, 60_000)

async function sentinelServers() {
  const { nodes, sentinels } = await startSentinel()
  return [...nodes, ...sentinels]
}
