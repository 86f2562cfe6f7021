import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { findProgram } from "../programs.ts"

/** A webdis in front of a redis-server. */
export interface WebdisProcess extends AsyncDisposable {
  readonly port: number
}

/** Starts one, with its own defaults for threads and connections; undefined if it is not installed. */
export async function startWebdis(redisUrl: string): Promise<WebdisProcess | undefined> {
  const program = await findProgram("webdis")
  if (program === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), "warmpool-webdis-"))
  const { hostname, port: redisPort } = new URL(redisUrl)
  const port = await freePort()
  const config = {
    redis_host: hostname,
    redis_port: Number(redisPort),
    http_host: "127.0.0.1",
    http_port: port,
    threads: 5,
    pool_size: 20,
    daemonize: false,
    websockets: false,
    verbosity: 0,
    logfile: join(folder, "webdis.log"),
  }
  await writeFile(join(folder, "webdis.json"), JSON.stringify(config))
  const child = spawn(program, [join(folder, "webdis.json")], { cwd: folder, stdio: "ignore" })
  const gone = once(child, "exit")
  await Promise.race([listening(port), gone.then(() => Promise.reject(new Error("webdis ended at once")))])
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL")
      await gone
      await rm(folder, { recursive: true })
    },
  }
}

/** webdis says nothing when it is ready: it is asked until it answers. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: "127.0.0.1" })
    const up = await Promise.race([
      once(socket, "connect").then(() => "up" as const),
      once(socket, "error").then(() => "down" as const),
    ]).catch(() => "down" as const)
    socket.destroy()
    if (up === "up") return
    await sleep(10)
  }
}

/** webdis takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
