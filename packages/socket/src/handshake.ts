import type { Arg, Request } from "@warmpool/core"
import type { RespConnection } from "@warmpool/core/resp"
import type { Credentials } from "./credentials.ts"

/** What a new connection tells the server before anything else. */
export interface Introduction {
  readonly credentials: Credentials | undefined
  readonly database: number
  readonly name: string | undefined
}

/**
 * Introduces us in one write, the `ride` behind it. Resolves at once unless there is something that the server may
 * refuse: a command must not run as another user, or in another database, than was asked for.
 *
 * @throws ReplyError when the server refuses, with its words; the connection is gone then, and no reply of the ride was
 * delivered.
 */
export function introduce(
  connection: RespConnection,
  introduction: Introduction,
  ride: readonly Request[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const conditions = conditionsOf(introduction)
    let left = conditions.length
    const answered = (refusal?: Error) => {
      left -= 1
      if (refusal) connection.destroy(refusal)
      else if (left === 0) resolve()
    }
    const steps = conditions.map((args) => stepOf(args, answered))
    // A server that takes no names is as good as one that does.
    if (introduction.name !== undefined) {
      steps.push(stepOf(["CLIENT", "SETNAME", introduction.name], () => {}))
    }
    connection.onClose(reject)
    connection.send([...steps, ...ride])
    if (left === 0) resolve()
  })
}

/** `SELECT 0` is never sent: a cluster refuses it, and it changes nothing. */
function conditionsOf({ credentials, database }: Introduction): Arg[][] {
  const conditions: Arg[][] = []
  if (credentials) {
    const { username, password } = credentials
    conditions.push(username === undefined ? ["AUTH", password] : ["AUTH", username, password])
  }
  if (database !== 0) conditions.push(["SELECT", String(database)])
  return conditions
}

/** A command of ours, whose reply tells whether the connection may be used; the connection's own end tells of a loss. */
function stepOf(args: readonly Arg[], answered: (refusal?: Error) => void): Request {
  return { args, decode: "text", resolve: () => answered(), reject: answered, lose() {} }
}
