import { encoder } from "./commands/arguments.ts"
import { integer, readOptions } from "./config/options.ts"
import { required } from "./config/required.ts"
import { ArgumentError, ReplyError } from "./errors.ts"
import { harmless } from "./stray.ts"

/** What a script can be run on: a client, a view, a lease, a pipeline, a transaction. */
export interface ScriptTarget<R> {
  call(name: string, ...args: (string | number | Uint8Array)[]): R
}

/** A key or an argument of a script. */
export type ScriptArg = string | number | Uint8Array

/** A Lua script as a function: its keys first, then its arguments. */
export interface Script {
  /** Runs it on the client that defined it: by its digest, or whole when the server does not know it. */
  (...keysAndArgs: ScriptArg[]): Promise<unknown>
  /** Runs it elsewhere: adds it to a pipeline or a transaction, where it goes whole once, or runs it on a lease. */
  on<R>(target: ScriptTarget<R>, ...keysAndArgs: ScriptArg[]): R
}

/** How many of a script's arguments are keys. */
export interface ScriptOptions {
  readonly keys: number
}

const scriptSpec = { keys: required(integer(0, Number.POSITIVE_INFINITY)) }

/**
 * Makes a function of a Lua script.
 *
 * @throws ArgumentError if `lua` is empty or `keys` is not a whole number of 0 or more.
 */
export function makeScript(
  target: ScriptTarget<Promise<unknown>>,
  lua: string,
  options: ScriptOptions,
): Script {
  if (typeof lua !== "string" || lua === "") throw new ArgumentError("defineScript takes a string of Lua")
  const { keys } = readOptions("defineScript", scriptSpec, options, ArgumentError)
  let digest: string | undefined
  // A runtime without SHA-1 goes on sending the script whole.
  void harmless(
    sha1(lua).then((hex) => {
      digest = hex
    }),
  )
  const on = <R>(other: ScriptTarget<R>, ...given: ScriptArg[]): R => {
    if (typeof other?.call !== "function" || typeof other === "function")
      throw new ArgumentError("on takes a client, lease, pipeline or transaction first")
    return other.call("EVAL", lua, keys, ...given)
  }

  const run = async (...given: ScriptArg[]): Promise<unknown> => {
    // Until the digest is known the script goes whole: waiting for it would let later commands overtake.
    if (digest === undefined) return on(target, ...given)
    try {
      return await target.call("EVALSHA", digest, keys, ...given)
    } catch (error) {
      // The server did not run it: it was restarted, failed over or flushed its scripts.
      if (error instanceof ReplyError && error.kind === "NOSCRIPT") return on(target, ...given)
      throw error
    }
  }
  return Object.assign((...given: ScriptArg[]) => harmless(run(...given)), { on })
}

/** The digest by which a server knows a script. */
export async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", encoder.encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
