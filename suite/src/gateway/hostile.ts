import { connect } from "node:net"

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, and without, `sides`. Source: mulberry32. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * sides)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)] as T
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.roll(most + 1) }, () => this.roll(256)))
  }
}

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "DELETE",
  "PATCH",
  "TRACE",
  "BREW",
  "get",
  "CONNECT",
]

/** What might be taken for something else on its way. */
const NASTY = [
  "\r\n",
  "*1\r\n$8\r\nFLUSHALL\r\n",
  "$-1\r\n",
  "+OK\r\n",
  "-ERR x\r\n",
  ":1\r\n",
  "\0",
  "\u2028",
  "é",
  '"',
  "\\",
  "%0d%0a",
  "__proto__",
  "constructor",
  "*",
  "",
]

const NAMES = [
  ..."get set mget del eval subscribe psubscribe monitor pipeline multi-exec publish blpop xread config client".split(
    " ",
  ),
  ..."shutdown debug select multi exec auth hello reset quit flushall keys object xadd sort nosuch GeT healthz".split(
    " ",
  ),
]

const PATHS = [
  "/",
  "/pipeline",
  "/multi-exec",
  "/metrics",
  "/healthz",
  "//",
  "/..",
  "/%",
  "/%zz",
  "/?",
  "/?_token=",
  "*",
]

/** One request as bytes, wrong in some ways and right in the others. */
export function makeRequest(dice: Dice, tokens: readonly string[]): Buffer {
  const rarely = <T>(usual: T, rare: T): T => (dice.roll(12) === 0 ? rare : usual)
  const body = makeBody(dice)
  const method = rarely(dice.pick(["POST", "POST", "POST", "GET", "PUT"]), dice.pick(METHODS))
  const version = rarely("1.1", dice.pick(["1.0", "2", "9.9"]))
  const lines = [`${method} ${makePath(dice)} HTTP/${version}`, rarely("Host: x", "Host: ")]
  lines.push(`Authorization: ${rarely("Bearer", dice.pick(["bearer", "Basic", ""]))} ${dice.pick(tokens)}`)
  if (dice.roll(4) === 0) lines.push(`Upstash-Encoding: ${rarely("base64", "\u00ff")}`)
  if (dice.roll(4) === 0) lines.push(`Upstash-Response-Format: ${rarely("resp2", "resp3")}`)
  if (dice.roll(20) === 0) lines.push(`X-${"y".repeat(dice.roll(400))}: ${"z".repeat(dice.roll(20_000))}`)
  if (dice.roll(20) === 0) lines.push(dice.pick(["no colon", ": no name", "a b: c", "Expect: 100-continue"]))
  const right = { headers: [`Content-Length: ${body.length}`], body }
  const framing = dice.roll(4) > 0 ? right : makeFraming(dice, body)
  const head = [...lines, ...framing.headers, "", ""].join("\r\n")
  return mutate(dice, Buffer.concat([Buffer.from(head, "latin1"), framing.body]))
}

/** How long an answer may take before the sender says that nothing more will come, ms. */
const PATIENCE_MS = 50

/** Sends bytes and, once they are answered or nothing happens any more, the end; gives all that came back. */
export function exchange(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let heard = ""
    const socket = connect({ host: "127.0.0.1", port })
    socket.setTimeout(PATIENCE_MS, () => socket.end())
    socket.on("data", (part) => {
      heard += part.toString("latin1")
      if (isWhole(heard)) socket.end()
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(heard))
    socket.write(bytes)
  })
}

function isWhole(heard: string): boolean {
  const head = heard.indexOf("\r\n\r\n")
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(heard)?.[1] ?? 0
  return head >= 0 && !heard.startsWith("HTTP/1.1 100 ") && heard.length >= head + 4 + Number(length)
}

function makePath(dice: Dice): string {
  if (dice.roll(3) === 0) return dice.pick(PATHS)
  const end = () => (dice.roll(6) === 0 ? `%${dice.pick(["ff", "00", "0A", "0D", "80", "g"])}` : "k")
  const word = () => encodeURIComponent(dice.pick(NASTY)) + end()
  const words = Array.from({ length: dice.roll(5) }, word)
  const query = dice.roll(3) === 0 ? `?${word()}=${word()}&${word()}` : ""
  return `/${[dice.pick(NAMES), ...words].join("/")}${query}`
}

function makeBody(dice: Dice): Buffer {
  const text = () => dice.pick(NASTY) + dice.pick(NASTY)
  const arg = (): unknown => dice.pick([text(), text(), text(), dice.roll(1e9), true, 1e300, "k", "1"])
  const odd = (): unknown => dice.pick([null, {}, ["x"]])
  const one = () => (dice.roll(15) === 0 ? odd() : arg())
  const command = () => [dice.pick(NAMES), ...Array.from({ length: dice.roll(5) }, one)]
  const shapes = [
    () => dice.bytes(64),
    () => Buffer.alloc(0),
    () => Buffer.from(JSON.stringify(command())),
    () => Buffer.from(JSON.stringify(command())),
    () => Buffer.from(JSON.stringify(Array.from({ length: dice.roll(5) }, command))),
    () => Buffer.from(JSON.stringify(Array.from({ length: dice.roll(5) }, command))),
    () => Buffer.from("[".repeat(dice.roll(3_000))),
    () => Buffer.from(`["set","k",${"9".repeat(dice.roll(400))}]`),
    () => Buffer.alloc(dice.roll(70_000), "a"),
  ]
  return dice.pick(shapes)()
}

function makeFraming(dice: Dice, body: Buffer): { readonly headers: string[]; readonly body: Buffer } {
  const chunked = Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from("\r\n0\r\n\r\n"),
  ])
  const wrong = String(dice.pick([body.length + 7, Math.max(0, body.length - 3), 1e12, "0x10", ""]))
  return dice.pick([
    { headers: [`Content-Length: ${body.length}`], body },
    { headers: [`Content-Length: ${body.length}`], body },
    { headers: ["Transfer-Encoding: chunked"], body: body.length === 0 ? Buffer.from("0\r\n\r\n") : chunked },
    { headers: [`Content-Length: ${wrong}`], body },
    { headers: [`Content-Length: ${body.length}`, "Transfer-Encoding: chunked"], body: chunked },
    { headers: [], body },
  ])
}

/** Leaves most as they are; cuts, flips or inserts bytes in others. */
function mutate(dice: Dice, bytes: Buffer): Buffer {
  const at = dice.roll(bytes.length)
  const kind = dice.roll(24)
  if (kind === 0) return bytes.subarray(0, at)
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), dice.bytes(8), bytes.subarray(at)])
  if (kind === 2) bytes[at] = dice.roll(256)
  return bytes
}
