import { array, bulk, failure, integer, join, NIL, OK, simple, toText, type WireReply } from "./fake-reply.ts"
import type { FakeServer, Session, Value } from "./fake-server.ts"

interface Call {
  readonly server: FakeServer
  readonly session: Session
  /** Without the name. */
  readonly args: readonly Uint8Array[]
}

/** `arity` counts the name; negative means at least. `run` gives undefined while the command blocks. */
interface Command {
  readonly arity: number
  run(call: Call): WireReply | undefined
}

const NOTHING = new Uint8Array()
const WRONGTYPE = failure("WRONGTYPE Operation against a key holding the wrong kind of value")
const NOT_AN_INTEGER = failure("ERR value is not an integer or out of range")
const BIGGEST = 2n ** 63n - 1n

/** The commands that `FakeServer` knows, by upper-case name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  PING: { arity: -1, run: ({ args }) => (args[0] ? bulk(args[0]) : simple("PONG")) },
  ECHO: { arity: 2, run: ({ args }) => bulk(at(args, 0)) },
  SELECT: { arity: 2, run: select },
  WATCH: { arity: -2, run: watch },
  UNWATCH: { arity: 1, run: unwatch },
  FLUSHALL: { arity: -1, run: flush },
  EXISTS: {
    arity: -2,
    run: (call) => integer(call.args.filter((_, n) => load(call, n) !== undefined).length),
  },
  DEL: { arity: -2, run: (call) => integer(call.args.filter((_, n) => remove(call, n)).length) },
  GET: { arity: 2, run: (call) => string(call, 0, (value) => (value ? bulk(value) : NIL)) },
  MGET: { arity: -2, run: (call) => array(call.args.map((_, n) => stringOrNil(call, n))) },
  SET: { arity: -3, run: set },
  APPEND: { arity: 3, run: append },
  INCR: { arity: 2, run: (call) => add(call, 1n) },
  DECR: { arity: 2, run: (call) => add(call, -1n) },
  INCRBY: { arity: 3, run: (call) => add(call, whole(at(call.args, 1))) },
  HSET: { arity: -4, run: hset },
  HGET: { arity: 3, run: (call) => hash(call, (fields) => orNil(fields?.get(binary(at(call.args, 1))))) },
  HGETALL: { arity: 2, run: (call) => hash(call, (fields) => array([...(fields ?? [])].flatMap(pair))) },
  RPUSH: { arity: -3, run: (call) => push(call, (list, added) => [...list, ...added]) },
  LPUSH: { arity: -3, run: (call) => push(call, (list, added) => [...added.toReversed(), ...list]) },
  LRANGE: { arity: 4, run: range },
  BLPOP: { arity: -3, run: pop },
}

function at(args: readonly Uint8Array[], n: number): Uint8Array {
  return args[n] ?? NOTHING
}

/** One character per byte, so that any bytes can be the key of a `Map`. */
function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
}

function unbinary(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

const pair = ([field, value]: [string, Uint8Array]): WireReply[] => [bulk(unbinary(field)), bulk(value)]
const orNil = (value: Uint8Array | undefined): WireReply => (value ? bulk(value) : NIL)

function load({ server, session, args }: Call, n: number): Value | undefined {
  return server.database(session.db).get(binary(at(args, n)))
}

function store({ server, session, args }: Call, value: Value): void {
  const key = binary(at(args, 0))
  server.database(session.db).set(key, value)
  server.touch(session.db, key)
}

function remove({ server, session, args }: Call, n: number): boolean {
  const key = binary(at(args, n))
  if (!server.database(session.db).delete(key)) return false
  server.touch(session.db, key)
  return true
}

/** Source: `SELECT` leaves the database as it was when it fails. */
function select({ session, args }: Call): WireReply {
  const index = whole(at(args, 0))
  if (index === undefined) return NOT_AN_INTEGER
  if (index < 0n || index > 15n) return failure("ERR DB index is out of range")
  session.db = Number(index)
  return OK
}

function watch({ server, session, args }: Call): WireReply {
  for (const arg of args) {
    const key = binary(arg)
    session.watched.set(`${session.db}:${key}`, server.version(session.db, key))
  }
  return OK
}

function unwatch({ session }: Call): WireReply {
  session.watched.clear()
  return OK
}

function flush({ server }: Call): WireReply {
  for (let db = 0; db < 16; db++) {
    const keys = [...server.database(db).keys()]
    server.database(db).clear()
    for (const key of keys) server.touch(db, key)
  }
  return OK
}

function string(call: Call, n: number, then: (value: Uint8Array | undefined) => WireReply): WireReply {
  const value = load(call, n)
  return value === undefined || value instanceof Uint8Array ? then(value) : WRONGTYPE
}

function stringOrNil(call: Call, n: number): WireReply {
  const value = load(call, n)
  return value instanceof Uint8Array ? bulk(value) : NIL
}

function set(call: Call): WireReply {
  const options = call.args.slice(2).map((option) => toText(option).toUpperCase())
  if (options.some((option) => option !== "NX" && option !== "XX")) return failure("ERR syntax error")
  const exists = load(call, 0) !== undefined
  if (options.includes("NX") && exists) return NIL
  if (options.includes("XX") && !exists) return NIL
  store(call, at(call.args, 1).slice())
  return OK
}

function append(call: Call): WireReply {
  return string(call, 0, (value) => {
    const longer = join([value ?? NOTHING, at(call.args, 1)])
    store(call, longer)
    return integer(longer.length)
  })
}

/** A signed 64-bit integer, or undefined. Source: `string2ll` takes no plus, no leading zero, no space. */
function whole(bytes: Uint8Array): bigint | undefined {
  const text = toText(bytes)
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return undefined
  const value = BigInt(text)
  return value > BIGGEST || value < -BIGGEST - 1n ? undefined : value
}

function add(call: Call, by: bigint | undefined): WireReply {
  return string(call, 0, (value) => {
    const old = value ? whole(value) : 0n
    if (old === undefined || by === undefined) return NOT_AN_INTEGER
    const sum = old + by
    if (sum > BIGGEST || sum < -BIGGEST - 1n) return failure("ERR increment or decrement would overflow")
    store(call, new TextEncoder().encode(String(sum)))
    return integer(sum)
  })
}

function hash(call: Call, then: (fields: Map<string, Uint8Array> | undefined) => WireReply): WireReply {
  const value = load(call, 0)
  return value === undefined || value instanceof Map ? then(value) : WRONGTYPE
}

function hset(call: Call): WireReply {
  if (call.args.length % 2 === 0) return failure("ERR wrong number of arguments for 'hset' command")
  return hash(call, (fields) => {
    const next = new Map(fields)
    for (let n = 1; n < call.args.length; n += 2) {
      next.set(binary(at(call.args, n)), at(call.args, n + 1).slice())
    }
    store(call, next)
    return integer(next.size - (fields?.size ?? 0))
  })
}

type Grow = (list: readonly Uint8Array[], added: readonly Uint8Array[]) => Uint8Array[]

function push(call: Call, grow: Grow): WireReply {
  const list = load(call, 0) ?? []
  if (!Array.isArray(list)) return WRONGTYPE
  const next = grow(
    list,
    call.args.slice(1).map((arg) => arg.slice()),
  )
  // Blocked connections run inside `store` and may take the elements again.
  store(call, next)
  return integer(next.length)
}

function range(call: Call): WireReply {
  const list = load(call, 0) ?? []
  const first = whole(at(call.args, 1))
  const last = whole(at(call.args, 2))
  if (!Array.isArray(list)) return WRONGTYPE
  if (first === undefined || last === undefined) return NOT_AN_INTEGER
  const end = last < 0n ? list.length + Number(last) + 1 : Number(last) + 1
  return array(list.slice(Number(first), Math.max(0, end)).map(bulk))
}

/** The wait itself is the connection's: it tries again after every write and gives up at the timeout. */
function pop(call: Call): WireReply | undefined {
  const timeout = toText(at(call.args, call.args.length - 1))
  if (!/^\d+(?:\.\d+)?$/.test(timeout)) return failure("ERR timeout is not a float or out of range")
  for (let n = 0; n < call.args.length - 1; n++) {
    const list = load(call, n)
    if (list === undefined) continue
    if (!Array.isArray(list)) return WRONGTYPE
    const [head = NOTHING, ...rest] = list
    const key = at(call.args, n)
    if (rest.length > 0) store({ ...call, args: [key] }, rest)
    else remove(call, n)
    return array([bulk(key), bulk(head)])
  }
  return undefined
}
