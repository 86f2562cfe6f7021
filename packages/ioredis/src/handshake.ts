import { type Connection, ConnectionError, type Reply, ReplyError, type Request } from "@warmpool/core"
import type { Login } from "./target.ts"

/** One command of the handshake; `check` gives what is wrong with its reply. */
interface Greeting {
  readonly args: readonly string[]
  check?(reply: Reply): Error | undefined
}

/**
 * Says who we are, which database we want and what we are called, in one write.
 *
 * @throws ReplyError in the server's words if any of it is refused; the connection's loss if it ends first;
 * ConnectionError if a master was wanted and this is none.
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
    connection.send(greetings.map((greeting) => greet(greeting, settle)))
  })
}

/** `SELECT 0` is never sent: a server in cluster mode refuses it. */
function greetingsOf({ username, password, database, name, role }: Login): Greeting[] {
  const greetings: Greeting[] = []
  if (username !== undefined) greetings.push({ args: ["AUTH", username, password ?? ""] })
  else if (password) greetings.push({ args: ["AUTH", password] })
  if (database !== 0) greetings.push({ args: ["SELECT", String(database)] })
  if (name !== undefined) greetings.push({ args: ["CLIENT", "SETNAME", name] })
  if (role === "master") greetings.push({ args: ["ROLE"], check: notMaster })
  return greetings
}

/** A sentinel may name a server that is a replica already, or still. */
function notMaster(reply: Reply): Error | undefined {
  const role = Array.isArray(reply) ? reply[0] : reply
  // A user who may not ask for the role is told by READONLY.
  if (role === "master" || (role instanceof ReplyError && role.kind === "NOPERM")) return undefined
  return new ConnectionError("the sentinels name a server that is no master", { fate: "unsent" })
}

function greet({ args, check }: Greeting, settle: (error?: Error) => void): Request {
  return {
    args,
    decode: "text",
    resolve: (reply) => settle(check?.(reply)),
    reject: (error) => settle(check && !check(error) ? undefined : error),
    lose: (_fate, cause) => settle(cause),
  }
}
