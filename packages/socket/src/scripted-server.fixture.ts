import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"

/** A server that says what it is told to, and remembers what it heard. */
export interface ScriptedServer extends AsyncDisposable {
  readonly port: number
  /** What each connection heard, piece by piece as it arrived. */
  readonly heard: readonly (readonly string[])[]
  /** Resolves with a connection's first piece. */
  firstPiece(connection?: number): Promise<string>
  /** Says something on the newest connection. */
  say(text: string): void
  close(): Promise<void>
}

/** Starts one; `answer` gives what to say to each piece, if anything. */
export async function startScripted(
  answer: (piece: string, socket: Socket) => string | undefined = () => undefined,
): Promise<ScriptedServer> {
  const heard: string[][] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const pieces: string[] = []
    heard.push(pieces)
    sockets.push(socket)
    socket.on("error", () => {})
    socket.on("data", (chunk) => {
      const piece = chunk.toString("latin1")
      pieces.push(piece)
      server.emit("heard")
      const reply = answer(piece, socket)
      if (reply !== undefined) socket.write(reply, "latin1")
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, "close")
  }
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    async firstPiece(connection = 0) {
      while (heard[connection]?.[0] === undefined) await once(server, "heard")
      return heard[connection][0]
    },
    say: (text) => sockets.at(-1)?.write(text, "latin1"),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A command as it goes on the wire. */
export function wire(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("")}`
}
