import type { Host } from "./host.ts"
import type { Connection, Request } from "./transport.ts"

/** Sends one argument-less command of the pool's own. True when a reply came, an error reply only if `any`. */
export function ask(
  connection: Connection,
  command: string,
  any: "any reply" | "no error",
): Promise<boolean> {
  return new Promise((resolve) => {
    const request: Request = {
      args: [command],
      decode: "text",
      resolve: () => resolve(true),
      reject: () => resolve(any === "any reply"),
      lose: () => resolve(false),
    }
    connection.send([request])
  })
}

/** Asks the server for a sign of life; an error reply is one too. False when the connection is lost first. */
export function ping(connection: Connection): Promise<boolean> {
  return ask(connection, "PING", "any reply")
}

/** The answer if it comes within `timeoutMs`, input that already arrived included; else false. */
export function within(host: Host, timeoutMs: number, answer: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = host.after(timeoutMs, () => void host.turn().then(() => resolve(false)))
    void answer.then((value) => {
      timer.cancel()
      resolve(value)
    })
  })
}
