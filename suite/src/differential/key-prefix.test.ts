import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { compare } from "./compare.ts"
import { lacking, whole } from "./lacking.ts"
import { usePair } from "./pair.ts"
import { readTable } from "./script.ts"
import { seen } from "./seen.ts"
import { invoke, outcomeOf, textOneByOne } from "./ways.ts"

const keyPrefix = "ü:"

/** Keys as bytes, and where only the arguments say what a key is. */
const more = readTable(String.raw`
# keys as bytes
set b"\xff\x00" v
mset b"\x80" 1 text 2
mget b"\x80" text
sort b"\x80" by b"w_*" get b"o_*" get #
keys *

# SORT with more than one target, patterns alike in any case
rpush l 2 1
mset w_1 5 w_2 4
sort l By w_* Get # GET w_* STORE first store second
keys *
lrange second 0 -1

# subcommands in any case
set k v
OBJECT ENCODING k
object ENCODING k
xgroup CREATE s g $ MKSTREAM
xinfo STREAM s
memory USAGE missing

# movable keys
zadd a 1 x
zunionstore d 1 a weights 2
zinterstore d 1 a
zdiffstore d 1 a
zunion 1 a
zmpop 2 missing a min
sadd s x
sintercard 1 s limit 1
eval "return redis.call('set', KEYS[1], ARGV[1])" 1 k v
geoadd g 1 1 here
georadius g 1 1 10 km store g2
georadiusbymember g here 10 km storedist g3
xadd x 1-1 f v
xread count 1 streams x x 0 0
xgroup create x g 0
xreadgroup group g me count 1 streams x >
lmpop 1 missing left
copy a b
bitop or dest k k
lcs k k
pfmerge h
keys *
`)

describe.each(allTransports)("a key prefix over $name", (transport) => {
  const pair = usePair(transport)

  it.each([...whole, ...more])("stands where ioredis puts it: $title", async (script) => {
    const ours = pair.another({ keyPrefix })
    const theirs = pair.anotherOfTheirs({ keyPrefix })

    const accounts = await compare(pair, script, {
      keyPrefix,
      ours: () => textOneByOne.run(ours, script),
      theirs: () => textOneByOne.run(theirs, script),
    })

    expect(accounts.ours).toEqual(accounts.theirs)
  })

  it.each(lacking)("leaves it to the server to complain of missing keys: $name", async ({ name, words }) => {
    const ours = pair.another({ keyPrefix })

    const [withPrefix, without] = await Promise.all(
      [ours, pair.ours].map((client) => outcomeOf(() => invoke(client, name, words))),
    )

    expect(seen(withPrefix)).toBe(seen(without))
    expect(withPrefix).toBeInstanceOf(Error)
  })

  it("stands before keys in pipelines and transactions, and before no channel", async () => {
    const ours = pair.another({ keyPrefix })

    await ours.pipeline().set("a", 1).call("SET", "b", 2).exec()
    await ours.multi().hset("c", { f: 1 }).mset({ d: 1 }).exec()
    await ours.publish("channel", "message")

    const keys = ((await pair.theirs.keys("*")) as string[]).sort()
    expect(keys).toEqual(["a", "b", "c", "d"].map((key) => keyPrefix + key))
  })
})
