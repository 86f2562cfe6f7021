import { connect, type Socket } from "node:net"
import { describe, expect, it } from "vitest"
import { startAll, TOKEN } from "./rig.ts"

const HEAD = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n`
const get = (path: string) => `GET ${path} HTTP/1.1\r\n${HEAD}\r\n`
const post = (command: readonly unknown[]) => {
  const body = JSON.stringify(command)
  return `POST / HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`
}

/** Sends requests down one connection, none of which waits for the answer before; gives what is answered until it closes. */
function send(port: number, ...requests: string[]): { readonly socket: Socket; heard(): string } {
  let heard = ""
  const socket = connect({ host: "127.0.0.1", port })
  socket.on("error", () => undefined)
  socket.on("data", (part) => {
    heard += part.toString("latin1")
  })
  socket.write(requests.join(""))
  return { socket, heard: () => heard }
}

const results = (heard: string) => [...heard.matchAll(/\{"result":(.*?)\}/g)].map(([, result]) => result)
const tokens = [{ token: TOKEN, commands: ["*", "blpop"] }]

describe("requests that do not wait for the answer before", () => {
  it("are run in their order, with a body and without", async () => {
    await using rig = await startAll()

    const { socket, heard } = send(
      rig.gateway.port,
      post(["SET", "k", 1]),
      get("/get/k"),
      post(["INCR", "k"]),
      get("/incr/k"),
      post(["INCR", "k"]),
      get("/get/k"),
    )

    await expect.poll(() => results(heard())).toEqual(['"OK"', '"1"', "2", "3", "4", '"4"'])
    socket.destroy()
  })

  it("end with their client, also those whose turn to answer has not come", async () => {
    await using rig = await startAll({ tokens })
    const { socket } = send(rig.gateway.port, get("/blpop/a/0"), get("/blpop/b/0"), get("/subscribe/c"))
    const blocked = async () => (await rig.server.clients()).filter(({ cmd }) => cmd === "blpop").length
    const channels = () => rig.server.command("PUBSUB", "CHANNELS")
    await expect.poll(blocked).toBe(2)
    await expect.poll(channels).toEqual(["c"])

    socket.destroy()

    await expect.poll(blocked).toBe(0)
    await expect.poll(channels).toEqual([])
  })

  it("are all answered when a drain begins", async () => {
    await using rig = await startAll({ tokens })
    const { socket, heard } = send(rig.gateway.port, get("/blpop/a/0"), post(["INCR", "n"]), get("/incr/n"))
    const closed = new Promise((resolve) => socket.on("close", resolve))
    await expect.poll(() => rig.server.command("GET", "n")).toBe("2")

    const drained = rig.gateway.drain()
    await rig.server.command("RPUSH", "a", "v")
    await closed
    await drained

    expect(results(heard())).toEqual(['["a","v"]', "1", "2"])
  })
})
