import type { Connection, Reply, Request } from "@warmpool/core"
import type { Login } from "./target.ts"

/**
 * Says who we are, which database we want and what we are called, in one write.
 *
 * @throws ReplyError in the server's words if any of it is refused; the connection's loss if it ends first.
 */
export function shakeHands(connection: Connection, login: Login): Promise<void> {
  const greetings = greetingsOf(login)
  if (greetings.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    let left = greetings.length
    let refusal: Error | undefined
    const settle = (error?: Error) => {
      left -= 1
      refusal ??= error
      if (left > 0) return
      if (refusal) reject(refusal)
      else resolve()
    }
    connection.send(greetings.map((args) => greet(args, settle)))
  })
}

/** `SELECT 0` is never sent: a server in cluster mode refuses it. */
function greetingsOf({ username, password, database, name }: Login): string[][] {
  const greetings: string[][] = []
  if (username !== undefined) greetings.push(["AUTH", username, password ?? ""])
  else if (password) greetings.push(["AUTH", password])
  if (database !== 0) greetings.push(["SELECT", String(database)])
  if (name !== undefined) greetings.push(["CLIENT", "SETNAME", name])
  return greetings
}

function greet(args: readonly string[], settle: (error?: Error) => void): Request {
  return {
    args,
    decode: "text",
    resolve: (_reply: Reply) => settle(),
    reject: settle,
    lose: (_fate, cause) => settle(cause),
  }
}
