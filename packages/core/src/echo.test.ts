import { expect, it } from "vitest"
import { withoutEcho } from "./echo.ts"
import { ConnectionError, ReplyError } from "./errors.ts"

it.each<[string, readonly (string | Uint8Array)[], string]>([
  [
    "NOGROUP No such key 'k' or consumer group 'g'",
    ["XPENDING", "k", "g"],
    "NOGROUP No such key '…' or consumer group '…'",
  ],
  [
    "NOGROUP No such key 'orders' or consumer group 'mail'",
    ["XPENDING", new TextEncoder().encode("orders"), "mail"],
    "NOGROUP No such key '…' or consumer group '…'",
  ],
  [
    "ERR Error in ACL SETUSER modifier '>hunter2\": Syntax error",
    ["ACL", "SETUSER", "app", '>hunter2"'],
    "ERR Error in ACL SETUSER modifier '…: Syntax error",
  ],
  ["ERR Unsupported option secret", ["EXPIRE", "k", "1", "secret"], "ERR Unsupported option …"],
  ["ERR no such user:1 but user", ["COPY", "user", "user:1"], "ERR no such … but …"],
  ["ERR user_script:1: a  b", ["EVAL", "error(KEYS[1])", "1", "a\r\nb"], "ERR user_script:1: …"],
])("cuts what %j echoes", (message, args, shown) => {
  expect(withoutEcho(new ReplyError(message), [args]).message).toBe(shown)
})

it.each<[string, readonly string[]]>([
  ["WRONGTYPE Operation against a key holding the wrong kind of value", ["GET", "k"]],
  ["WRONGTYPE Operation against a key", ["GET", "WRONGTYPE"]],
  ["ERR wrong number of arguments for 'get' command", ["GET", "a", "b"]],
  ["ERR unknown subcommand 'nonesuch'. Try XINFO HELP.", ["XINFO", "nonesuch"]],
  ["ERR Error compiling script: near 'x'", ["EVAL", "x", "0"]],
  ["ERR wrong number of arguments for 'object|encoding' command", ["OBJECT", "encoding"]],
  ["READONLY You can't write against a read only replica.", ["SET", "k", ""]],
])("leaves %j as it is", (message, args) => {
  const error = new ReplyError(message)

  expect(withoutEcho(error, [args])).toBe(error)
})

it("keeps everything else of the error, and mends those nested in it", () => {
  const previous = new ReplyError("ERR Unsupported option secret")
  const error = new ReplyError("EXECABORT because of secret", { fate: "refused", previousErrors: [previous] })

  const shown = withoutEcho(error, [["EXPIRE", "k", "1", "secret"]])

  expect(shown).toMatchObject({
    name: "ReplyError",
    kind: "EXECABORT",
    fate: "refused",
    message: "EXECABORT because of …",
    previousErrors: [{ message: "ERR Unsupported option …" }],
  })
})

it("leaves errors that are not the server's alone", () => {
  const error = new ConnectionError("the connection to secret was lost")

  expect(withoutEcho(error, [["GET", "secret"]])).toBe(error)
})

it("looks no longer than it takes for a few, and shows no value all the same", () => {
  const keys = Array.from({ length: 3_000 }, (_, index) => `planted-${index}`)
  const previousErrors = keys.map((key) => new ReplyError(`ERR no such thing '${key}' here`))
  const error = new ReplyError("EXECABORT Transaction discarded", { previousErrors })

  const shown = withoutEcho(
    error,
    keys.map((key) => ["GET", key, key]),
  )

  const messages = (shown instanceof ReplyError ? shown.previousErrors : undefined)?.map((one) => one.message)
  expect(messages?.length).toBe(3_000)
  expect(messages?.[0]).toBe("ERR no such thing '…' here")
  expect(messages?.at(-1)).toBe("ERR …")
  expect(messages?.join()).not.toContain("planted")
})
