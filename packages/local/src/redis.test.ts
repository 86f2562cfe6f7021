import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { RawClient } from "./raw-client.fixture.ts"
import { attachRedis, type RedisServer, startRedis } from "./redis.ts"

const OWNER = fileURLToPath(new URL("redis-owner.fixture.ts", import.meta.url))

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(() => redis.close())

async function folderOf(server: RedisServer): Promise<string> {
  return String(await server.command("CONFIG", "GET", "dir")).replace(/^dir,/, "")
}

it("starts a server without persistence that answers", async () => {
  expect(await redis.command("SET", "k", "héllo")).toBe("OK")
  expect(await redis.command("GET", "k")).toBe("héllo")
  expect(await redis.command("CONFIG", "GET", "save")).toEqual(["save", ""])
  expect(await redis.command("CONFIG", "GET", "appendonly")).toEqual(["appendonly", "no"])
})

it("gives every kind of reply", async () => {
  expect(await redis.command("GET", "missing")).toBe(null)
  expect(await redis.command("DEL", "missing")).toBe(0)
  expect(await redis.command("SET", "bytes", Uint8Array.of(111, 107))).toBe("OK")
  expect(await redis.command("EVAL", "return {1, {'a', false}, {}}", 0)).toEqual([1, ["a", null], []])
  expect(await redis.command("INCRBY", "large", "9007199254740993")).toBe("9007199254740993")
  expect(await redis.command("DEBUG", "SLEEP", 0)).toBe("OK")
  expect(String(await redis.command("INFO", "server"))).toContain(`process_id:${redis.pid}`)
})

it("answers many commands at once in order, and a large one", async () => {
  const value = "x".repeat(3_000_000)

  const replies = await Promise.all([
    redis.command("SET", "big", value),
    redis.command("GET", "big"),
    redis.command("ECHO", "last"),
  ])

  expect(replies).toEqual(["OK", value, "last"])
})

it("throws the server's error without the arguments that it echoes", async () => {
  const wrong = redis.command("NOSUCH", "planted-key", "planted-value")

  await expect(wrong).rejects.toThrow("ERR unknown command 'NOSUCH'")
  await expect(wrong).rejects.not.toThrow("planted")
  expect(await redis.command("PING")).toBe("PONG")
})

it("lists the other clients and not itself", async () => {
  using client = new RawClient(redis.port)
  client.send("CLIENT", "SETNAME", "somebody")
  await client.received("+OK")

  const clients = await redis.clients()

  expect(clients.map((one) => one["name"])).toEqual(["somebody"])
})

it("kills other clients without losing its own connection", async () => {
  using client = new RawClient(redis.port)
  client.send("PING")
  await client.received("+PONG")

  await redis.command("CLIENT", "KILL", "TYPE", "normal")

  await client.saw("end")
  expect(await redis.command("PING")).toBe("PONG")
})

it("opens its connection again after the server closed it", async () => {
  const id = await redis.command("CLIENT", "ID")

  await redis.command("CLIENT", "KILL", "ID", String(id), "SKIPME", "no")

  await expect.poll(() => redis.command("CLIENT", "ID").catch(() => id)).not.toBe(id)
})

it("asks for a password of any characters and puts it into the URL", async () => {
  const password = `p w"\\'é#{}$%:@/`
  await using guarded = await startRedis({ password })
  using stranger = new RawClient(guarded.port)
  stranger.send("GET", "k")

  await stranger.received("-NOAUTH")

  expect(decodeURIComponent(new URL(guarded.url).password)).toBe(password)
  expect(await guarded.command("PING")).toBe("PONG")
})

it("takes further configuration", async () => {
  await using small = await startRedis({ args: ["--maxclients", "3", "--databases", "2"] })

  expect(await small.command("CONFIG", "GET", "maxclients")).toEqual(["maxclients", "3"])
  await expect(attachRedis(`${small.url}/2`).command("PING")).rejects.toThrow("out of range")
})

it("starts several at once on ports of their own, and leaves nothing behind", async () => {
  const servers = await Promise.all([startRedis(), startRedis(), startRedis(), startRedis()])
  const folders = await Promise.all(servers.map(folderOf))

  expect(new Set(servers.map(({ port }) => port)).size).toBe(4)
  expect(folders.every(existsSync)).toBe(true)

  await Promise.all(servers.map((server) => server.close()))

  expect(folders.some(existsSync)).toBe(false)
})

it("restarts empty on the same port, as another process", async () => {
  await using server = await startRedis()
  const { pid, port } = server
  await server.command("SET", "k", "v")

  await server.restart()

  expect(server.port).toBe(port)
  expect(server.pid).not.toBe(pid)
  expect(await server.command("GET", "k")).toBe(null)
})

it("is gone once killed, and comes back by a restart", async () => {
  await using server = await startRedis()
  using client = new RawClient(server.port)
  client.send("PING")
  await client.received("+PONG")

  await server.kill()

  await client.saw("end")
  await expect(server.command("PING")).rejects.toThrow("ECONNREFUSED")
  await server.restart()
  expect(await server.command("PING")).toBe("PONG")
})

it("answers nobody while paused, and everybody once resumed", async () => {
  await using server = await startRedis()
  using client = new RawClient(server.port)
  await client.saw("connect")
  await server.pause()

  client.send("PING")
  using late = new RawClient(server.port)
  await late.saw("connect")
  const textWhilePaused = client.text
  server.resume()

  await client.received("+PONG")
  expect(textWhilePaused).toBe("")
})

it("closes while paused, settles what was asked, and may be closed twice", async () => {
  const server = await startRedis()
  await server.pause()
  const asked = server.command("PING")
  const refused = expect(asked).rejects.toThrow("closed")

  await Promise.all([server.close(), server.close()])

  await refused
  await expect(server.command("PING")).rejects.toThrow("closed")
  await expect(server.restart()).rejects.toThrow("closed")
})

it("ends a server that is about to restart when it is closed", async () => {
  const server = await startRedis()
  const restarted = server.restart()

  await server.close()

  await restarted
  await expect(startRedis({ port: server.port }).then((next) => next.close())).resolves.toBe(undefined)
})

it("says so when the port that was asked for is taken", async () => {
  const { port } = redis

  await expect(startRedis({ port })).rejects.toMatchObject({
    name: "RedisStartError",
    code: "ERR_REDIS_START",
    message: `the port is taken: ${port}`,
  })
})

it("shows the end of the log when the server refuses its configuration", async () => {
  await expect(startRedis({ args: ["--no-such-directive", "planted"] })).rejects.toThrow(
    /its log ends with:.*>>> 'no-such-directive …'/s,
  )
})

it.each(["stays", "pauses"])(
  "ends the server and removes its folder when its owner, who %s, is killed",
  async (what) => {
    const owner = spawn(process.execPath, [OWNER, what], { stdio: ["ignore", "pipe", "inherit"] })
    const [line] = await once(owner.stdout, "data")
    const { port, folder } = JSON.parse(String(line))
    using client = new RawClient(port)
    await client.saw("connect")

    owner.kill("SIGKILL")

    await expect.poll(() => client.events.at(-1)).toMatch(/end|ECONNRESET/)
    await expect.poll(() => existsSync(folder)).toBe(false)
  },
)

it("does not keep its owner alive, and ends with it", async () => {
  const owner = spawn(process.execPath, [OWNER, "leaves"], { stdio: ["ignore", "pipe", "inherit"] })
  const [[line], [code]] = await Promise.all([once(owner.stdout, "data"), once(owner, "exit")])
  const { folder } = JSON.parse(String(line))

  expect(code).toBe(0)
  await expect.poll(() => existsSync(folder)).toBe(false)
})

it("attaches to a server that somebody else started, in the database of the URL", async () => {
  await using attached = attachRedis(`${redis.url}/3`)

  await attached.command("SET", "only-in-3", "v")

  expect(await redis.command("EXISTS", "only-in-3")).toBe(0)
  expect([attached.host, attached.port]).toEqual(["127.0.0.1", redis.port])
})

it("refuses a wrong password once, without another word", async () => {
  await using attached = attachRedis(`redis://somebody:planted@127.0.0.1:${redis.port}`)

  const refused = attached.command("SET", "k", "v")

  await expect(refused).rejects.toThrow("WRONGPASS")
  await expect(refused).rejects.not.toThrow("planted")
})

it("speaks TLS to a rediss URL", async () => {
  const hello = Promise.withResolvers<number | undefined>()
  const server = createServer((socket) => {
    socket.once("data", (chunk) => hello.resolve(chunk[0]))
    socket.once("data", () => socket.destroy())
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }

  await expect(attachRedis(`rediss://127.0.0.1:${port}`).command("PING")).rejects.toThrow()

  const tlsHandshake = 22
  expect(await hello.promise).toBe(tlsHandshake)
  server.close()
})
