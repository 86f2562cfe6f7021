import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { startCluster } from "./cluster.ts"
import { RawClient } from "./raw-client.fixture.ts"
import { startRedis } from "./redis.ts"
import { Topology } from "./topology.ts"

const PATIENT = { timeout: 10_000 }
const OWNER = fileURLToPath(new URL("topology-owner.fixture.ts", import.meta.url))

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it.each(["cluster", "sentinel"])("ends every server of a %s when its owner is killed", async (what) => {
  const owner = spawn(process.execPath, [OWNER, what], { stdio: ["ignore", "pipe", "inherit"] })
  const [line] = await once(owner.stdout, "data")
  const { ports, folders } = JSON.parse(String(line)) as { ports: number[]; folders: string[] }
  const home = dirname(folders[0] ?? "")
  const homeBefore = existsSync(home)
  const clients = ports.map((port) => new RawClient(port))
  await Promise.all(clients.map((client) => client.saw("connect")))

  owner.kill("SIGKILL")

  await expect
    .poll(
      () => clients.filter((client) => /end|ECONNRESET/.test(String(client.events.at(-1)))).length,
      PATIENT,
    )
    .toBe(6)
  await expect.poll(() => existsSync(home), PATIENT).toBe(false)
  expect(homeBefore).toBe(true)
  for (const client of clients) client[Symbol.dispose]()
})

it("leaves nothing behind when forming fails", async () => {
  const left: { pid: number; folder: string }[] = []

  const formed = Topology.form(async (topology) => {
    for (const server of await topology.start(2, {})) {
      const folder = String(await server.command("CONFIG", "GET", "dir")).replace(/^dir,/, "")
      left.push({ pid: server.pid, folder })
    }
    throw new Error("planted")
  })

  await expect(formed).rejects.toThrow("planted")
  expect(left.map(({ pid, folder }) => runs(pid) || existsSync(folder))).toEqual([false, false])
})

it("says why a server did not start", async () => {
  await expect(startCluster({ args: ["--no-such-directive", "planted"] })).rejects.toThrow(
    /its log ends with:.*>>> 'no-such-directive …'/s,
  )
})

it("says what was missing last when a state does not come", async () => {
  await Topology.form(async (topology) => {
    const waiting = topology.until("a miracle", async () => "no sign of one", 40)

    await expect(waiting).rejects.toThrow("a miracle: not within 40 ms; no sign of one")
    await topology.close()
  })
})

it("stops waiting for an answer that does not come when its time is up", async () => {
  await Topology.form(async (topology) => {
    const waiting = topology.until("an answer", () => new Promise(() => undefined), 40)

    await expect(waiting).rejects.toThrow("an answer: not within 40 ms; no answer")
    await topology.close()
  })
})

it("stops waiting once it is closed", async () => {
  await Topology.form(async (topology) => {
    const waiting = topology.until("a miracle", async () => "no sign of one")
    const stopped = expect(waiting).rejects.toThrow("closed meanwhile")

    await topology.close()

    await stopped
  })
})

it("refuses a server that is not one of its own", async () => {
  await using stranger = await startRedis()

  await Topology.form(async (topology) => {
    await topology.start(1, {})

    expect(() => topology.member(stranger)).toThrow(`127.0.0.1:${stranger.port} is not one of these servers`)
    await topology.close()
  })
})
