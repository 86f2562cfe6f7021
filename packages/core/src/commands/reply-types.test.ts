import { readFile } from "node:fs/promises"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { split } from "../../build/declarations.ts"

/** Calls, in order, on an empty server. Each reply must be of the type that the first fitting overload declares. */
const CALLS = `
  randomkey; keys *; mget nope; getrange nope 0 1; type nope; ttl nope; hmget nope f; hvals nope; hkeys nope
  hstrlen nope f; lrange nope 0 1; lindex nope 0; lpos nope a COUNT 0; linsert nope BEFORE a b; rpoplpush nope nope2
  lmove nope nope2 LEFT LEFT; blmove nope nope2 LEFT LEFT 0.01; blpop nope 0.01; brpop nope nope2 0.01
  brpoplpush nope nope2 0.01; blmpop 0.01 1 nope LEFT; bzpopmin nope 0.01; bzpopmax nope 0.01; bzmpop 0.01 1 nope MIN
  lmpop 1 nope LEFT COUNT 2; srandmember nope 2; smismember nope a; zmscore nope a; zrevrank nope a; zpopmin nope 2
  zrandmember nope 2; zunion 1 nope; geopos nope a; geodist nope a b; geohash nope a; xrange nope - +; xlen nope
  xread STREAMS nope 0; scan 0; expiretime nope; copy nope nope2; persist nope; bitpos nope 1; sort nope
  getdel nope; getset nope v; getdel nope; hincrby hn f 1; zincrby zn 1 a; incrbyfloat fn 1; append an a
  set s v; set s v EX 100; set s v NX; set n 5 XX; set s v GET; set nope v XX GET; set n 5; get s; get nope
  getrange s 0 1; substr s 0 0; append s x; strlen s; incr n; incrby n 2; incrbyfloat f 1.5; decr n; decrby n 1
  setrange s 1 y; setbit bits 7 1; getbit bits 7; bitcount bits; bitpos bits 1; bitop NOT dest bits
  bitfield bits GET u4 0; bitfield bits OVERFLOW FAIL INCRBY u2 0 9; bitfield bits SET u8 0 7 GET u8 0
  bitfield bits; bitfield_ro bits GET u4 0 GET u4 4; setex s 100 v; psetex s 100000 v; setnx s v
  getset s w; getex s; getex s PERSIST; getdel nope; mset a 1 b 2; msetnx c 1; mget a nope; lcs a b; lcs a b LEN
  lcs a b IDX; lcs a b IDX WITHMATCHLEN
  del nope; unlink nope; exists a b; touch a; type a; rename c d; renamenx d c; copy a e; copy a e REPLACE; dump nope
  expire a 100; expire a 100 NX; pexpire a 100000; expireat a 9999999999; pexpireat a 9999999999000; expiretime a
  pexpiretime a; ttl a; pttl a; persist a; randomkey; dbsize; keys nope*; scan 0; scan 0 MATCH a* COUNT 10
  scan 0 TYPE string; object ENCODING a; object ENCODING nope; object IDLETIME a; object REFCOUNT a; object FREQ nope
  object HELP; move nope 1
  rpush l 3 1 2; lpush l 0; lpushx nope a; rpushx l 4; llen l; lrange l 0 -1; lindex l 0; lindex l 99; lset l 0 9
  linsert l BEFORE 9 8; lrem l 1 9; ltrim l 0 10; lpos l 1; lpos l nope; lpos l 1 COUNT 0; lpos l 1 RANK 1; lpop l
  lpop nope; lpop l 1; lpop nope 1; rpop l; rpop nope 2; rpoplpush l l2; lmove l l2 LEFT RIGHT; lmpop 1 l LEFT
  lmpop 1 nope LEFT; lmpop 1 l2 RIGHT COUNT 1; rpush l 3 1 2; blpop l 1; brpop l 1; blmove l l2 LEFT LEFT 1
  rpush l 3 1 2; brpoplpush l l2 1; blmpop 1 1 l LEFT; sort l2; sort l2 DESC ALPHA; sort l2 BY w_* GET # GET w_*
  sort l2 STORE sorted; sort l2 LIMIT 0 1; sort_ro l2; sort_ro l2 GET w_*
  hset h f v g 1; hset h i 2; hmset h j 3; hget h f; hget h nope; hmget h f nope; hgetall h; hgetall nope; hkeys h
  hvals h; hlen h; hexists h f; hsetnx h f v; hincrby h g 2; hincrbyfloat h g 1.5; hstrlen h f; hdel h i
  hrandfield h; hrandfield nope; hrandfield h 2; hrandfield h 2 WITHVALUES; hscan h 0; hscan h 0 MATCH f COUNT 5
  sadd t a b c; scard t; sismember t a; smismember t a nope; smembers t; smove t t2 c; srandmember t; srandmember nope
  srandmember t 2; spop nope; spop nope 2; spop t2; srem t nope; sdiff t t2; sinter t t2; sunion t t2
  sdiffstore d1 t t2; sinterstore d1 t t2; sunionstore d1 t t2; sintercard 1 t; sintercard 1 t LIMIT 1; sscan t 0
  zadd z 1 a 2 b 3 c; zadd z NX 9 a; zadd z XX CH 5 a; zadd z INCR 1 a; zadd z GT INCR -9 a; zadd z NX INCR 1 a
  zadd z GT CH 1 a; zcard z; zcount z 0 9; zscore z a; zscore z nope; zmscore z a nope; zincrby z 1 a; zrank z a
  zrank z nope; zrevrank z a; zrange z 0 -1; zrange z 0 -1 WITHSCORES; zrange z 0 9 BYSCORE LIMIT 0 1
  zrange z 0 -1 REV; zrangebyscore z 0 9; zrangebyscore z 0 9 WITHSCORES; zrangebylex z - +; zrevrange z 0 -1
  zrevrangebyscore z 9 0; zrevrangebylex z + -; zlexcount z - +; zrangestore d2 z 0 -1; zrandmember z
  zrandmember nope; zrandmember z 2; zrandmember z 2 WITHSCORES; zunion 2 z d2; zunion 2 z d2 WITHSCORES
  zinter 2 z d2; zdiff 2 z d2; zunionstore d3 2 z d2; zinterstore d3 2 z d2 WEIGHTS 1 2; zdiffstore d3 2 z d2
  zintercard 2 z d2; zpopmin z; zpopmax nope; zpopmax z 1; zmpop 1 d2 MIN; zmpop 1 nope MAX; zadd z 1 a 2 b 3 c 4 d
  bzpopmin z 1; bzpopmax z 1; bzmpop 1 1 z MIN; zrem z nope; zremrangebyrank z 5 6; zremrangebyscore z 50 60
  zremrangebylex z [x [y; zscan z 0
  geoadd geo 13.36 38.11 p 15.08 37.50 c; geodist geo p c; geodist geo p nope; geohash geo p nope; geopos geo p nope
  geosearch geo FROMMEMBER p BYRADIUS 200 km; geosearch geo FROMMEMBER p BYRADIUS 200 km WITHCOORD WITHDIST
  geosearchstore geo2 geo FROMMEMBER p BYRADIUS 200 km; georadius geo 15 37 200 km; georadius_ro geo 15 37 200 km
  georadiusbymember geo p 200 km; georadiusbymember_ro geo p 200 km
  pfadd hll a b; pfcount hll; pfmerge hll2 hll
  xadd x 1-1 f v; xadd x 1-2 f v g w; xadd nope NOMKSTREAM * f v; xlen x; xrange x - +; xrange x - + COUNT 1
  xrevrange x + -; xread STREAMS x 0; xread COUNT 1 STREAMS x 9; xread BLOCK 1 STREAMS x $; xgroup CREATE x gr 0
  xgroup CREATECONSUMER x gr co; xreadgroup GROUP gr co COUNT 1 STREAMS x >; xreadgroup GROUP gr co STREAMS x 0
  xreadgroup GROUP gr co BLOCK 1 STREAMS x >; xpending x gr; xpending x gr - + 10; xclaim x gr co 0 1-1
  xautoclaim x gr co 0 0; xack x gr 1-1; xinfo STREAM x; xinfo GROUPS x; xinfo CONSUMERS x gr; xgroup SETID x gr 0
  xgroup DELCONSUMER x gr co; xgroup DESTROY x gr; xdel x 1-1; xtrim x MAXLEN 1; xsetid x 5-5
  eval return(1) 0; eval_ro return(1) 0; script LOAD return(1); script EXISTS abc; script FLUSH; function LIST
  function STATS; function FLUSH; function DUMP
  ping; ping hello; echo hello; time; lastsave; info; info server; role; lolwut; command COUNT; command LIST
  command INFO get; command DOCS get; command GETKEYS get a; config GET maxmemory; config SET maxmemory 0
  config RESETSTAT; client ID; client GETNAME; client LIST; client INFO; client GETREDIR; client TRACKINGINFO
  client UNBLOCK 1; client UNPAUSE; memory USAGE a; memory USAGE nope; memory STATS; memory DOCTOR; memory PURGE
  slowlog GET; slowlog LEN; slowlog RESET; latency LATEST; latency HISTORY x; latency RESET; latency DOCTOR
  acl WHOAMI; acl LIST; acl USERS; acl CAT; acl CAT string; acl GENPASS; acl GETUSER default; acl GETUSER nope
  acl LOG; acl LOG RESET; acl SETUSER u; acl DELUSER u; acl DRYRUN default get a; module LIST
  publish c m; spublish c m; pubsub CHANNELS; pubsub NUMSUB c; pubsub NUMPAT; pubsub SHARDCHANNELS
  pubsub SHARDNUMSUB c; watch a; unwatch; select 0; wait 0 1; client SETNAME n; client NO-EVICT OFF
  swapdb 1 2; flushdb; flushall
`

const calls = CALLS.split(/;|\n/)
  .map((line) => line.trim())
  .filter((line) => line !== "")

/** Overloads as they are declared, in order: parameters and reply. */
type Declared = { readonly parameters: readonly string[]; readonly reply: string }

let redis: RedisServer
const declared = new Map<string, Declared[]>()

beforeAll(async () => {
  const source = await readFile(new URL("../generated/commands.ts", import.meta.url), "utf8")
  // The last interface repeats the methods that it adds to, so the later declaration of a name is the fuller one.
  for (const part of source.split("export interface ").slice(1)) readInterface(part)
  redis = await startRedis()
})
afterAll(() => redis.close())

function readInterface(part: string): void {
  const own = new Map<string, Declared[]>()
  for (const [, name = "", list = "", reply = ""] of part.matchAll(
    /^ {2}(\w+)[^(]*\((.*)\): Result<(.*), K, this>$/gm,
  )) {
    const tuple = /^\.\.\.args: \[(.*)\]$/.exec(list)
    own.set(name, [...(own.get(name) ?? []), { parameters: split(tuple?.[1] ?? list, ","), reply }])
  }
  for (const [name, overloads] of own) declared.set(name, overloads)
}

/** Whether words fit the parameters; a rest parameter takes any number of them. */
function fits(parameters: readonly string[], words: readonly string[]): boolean {
  const [parameter, ...others] = parameters
  if (parameter === undefined) return words.length === 0
  if (parameter.startsWith("...")) {
    return words.some((_, taken) => fits(others, words.slice(taken))) || fits(others, [])
  }
  const [word, ...rest] = words
  const type = parameter.slice(parameter.indexOf(":") + 2)
  const literals = split(type, "|").filter((option) => option.startsWith('"'))
  const takes = literals.length > 0 ? literals.includes(`"${word}"`) : !/^(?:object|ReadonlyMap)/.test(type)
  return word !== undefined && takes && fits(others, rest)
}

/** Whether a reply is of a type as it is written; a mismatch inside is a mismatch. */
function isOf(type: string, reply: unknown): boolean {
  const options = split(type, "|")
  if (options.length > 1) return options.some((option) => isOf(option, reply))
  if (type === "unknown") return true
  if (type === "null") return reply === null
  if (type.startsWith('"')) return reply === JSON.parse(type)
  if (type === "Record<string, string>") return isOf("string[]", reply)
  if (type.endsWith("[]")) return Array.isArray(reply) && reply.every((item) => isOf(inner(type), item))
  if (!type.startsWith("[")) return typeof reply === type
  const items = split(type.slice(1, -1), ",").map((item) => item.replace(/^\w+: /, ""))
  return (
    Array.isArray(reply) && items.length === reply.length && items.every((item, i) => isOf(item, reply[i]))
  )
}

function inner(type: string): string {
  return type.slice(0, -2).replace(/^\((.*)\)$/, "$1")
}

describe("declared replies against a live server", () => {
  it.each(calls)("%s", async (call) => {
    const [name = "", ...args] = call.split(" ")
    const overload = declared.get(name)?.find(({ parameters }) => fits(parameters, args))

    const reply = await redis.command(name, ...args)

    expect(overload, "an overload that takes the call").toBeDefined()
    expect(reply).toSatisfy((value) => isOf(overload?.reply ?? "never", value), `to be ${overload?.reply}`)
  })
})
