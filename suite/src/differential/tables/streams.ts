import { readTable } from "../script.ts"

/** Streams and their groups. Ids are given, so that replies are the same twice. */
export const streams = readTable(String.raw`
# XADD, XLEN, XRANGE, XREVRANGE
xadd s 1-1 f v
xadd s 1-2 f v g w
xadd s 2-* f v
xadd s 1-1 f late
xadd s 0-0 f v
xadd s nomkstream 3-1 f v
xadd missing nomkstream 3-1 f v
xadd s maxlen 3 4-1 f v
xadd s maxlen = 3 5-1 f v
xadd s maxlen ~ 1000 6-1 f v
xadd s minid 5-0 7-1 f v
xadd s minid ~ 5-0 limit 10 8-1 f v
xadd s 9-1 f
xadd s nosuch f v
xadd s 9-1 "" "" b"\xff" b"\x00\x80"
xlen s
xlen missing
xrange s - +
xrange s 6 7
xrange s (6-1 +
xrange s - + count 2
xrange s + -
xrange missing - +
xrange s a b
xrevrange s + -
xrevrange s + - count 1
xrevrange s 7 6
xrange s - + count 0

#~ XADD with an id of the server's
~ xadd s * f v
~ xadd s maxlen 10 * f v
xlen s
~ xrange s - +
~ xinfo stream s

# XDEL, XTRIM, XSETID
xadd s 1-1 a 1
xadd s 2-1 a 2
xadd s 3-1 a 3
xadd s 4-1 a 4
xdel s 2-1
xdel s 2-1 9-9
xdel missing 1-1
xdel s nosuch
xtrim s maxlen 2
xtrim s maxlen = 2
xtrim s maxlen ~ 1
xtrim s minid 4-1
xtrim s minid 4-1 limit 10
xtrim missing maxlen 1
xrange s - +
xsetid s 10-0
xsetid s 1-0
xsetid s 11-0 entriesadded 20 maxdeletedid 3-0
xsetid missing 1-0
xinfo stream s
xsetid s nosuch

# XREAD without waiting
xadd a 1-1 f 1
xadd a 2-1 f 2
xadd b 1-1 g 3
xread streams a 0
xread count 1 streams a 0
xread streams a b 0 0
xread streams a b 1-1 $
xread streams a $
xread streams missing 0
xread streams a
xread streams a b 0
xread count nan streams a 0
xread

# groups: XGROUP, XREADGROUP, XACK, XPENDING
xgroup create s g $
xgroup create s g $ mkstream
xgroup create s g $
xgroup create s other 0 entriesread 0
xadd s 1-1 f 1
xadd s 2-1 f 2
xadd s 3-1 f 3
xgroup createconsumer s g alice
xgroup createconsumer s g alice
xreadgroup group g alice count 2 streams s >
xreadgroup group g bob noack streams s >
xreadgroup group g alice streams s 0
xreadgroup group g alice streams s >
xreadgroup group nosuch alice streams s >
xreadgroup group g alice streams missing >
xpending s g
~ xpending s g - + 10
~ xpending s g - + 10 alice
~ xpending s g idle 0 - + 10
xpending s g - + 10 nobody
xpending s other
xpending s nosuch
xack s g 1-1
xack s g 1-1 9-9
xack missing g 1-1
xpending s g
xgroup setid s g 0
xgroup setid s g 3-1 entriesread 3
xgroup setid s nosuch 0
xgroup delconsumer s g alice
xgroup delconsumer s g alice
xgroup destroy s other
xgroup destroy s other
xgroup destroy missing g
xgroup help
xgroup nosuch s g
xgroup create s

# XCLAIM, XAUTOCLAIM
xgroup create s g 0 mkstream
xadd s 1-1 f 1
xadd s 2-1 f 2
xadd s 3-1 f 3
xreadgroup group g alice streams s >
xclaim s g bob 0 1-1
xclaim s g bob 0 1-1 2-1 justid
xclaim s g bob 1000000 1-1
xclaim s g carol 0 9-9
xclaim s g carol 0 9-9 force
xclaim s g carol 0 3-1 idle 5 retrycount 7 justid
xclaim s g carol 0 3-1 time 1 lastid 3-1
xclaim s nosuch bob 0 1-1
xclaim s g bob nan 1-1
xclaim s g bob 0
xautoclaim s g dave 0 0
xautoclaim s g dave 0 0 count 1
xautoclaim s g dave 0 0 count 1 justid
xautoclaim s g dave 1000000 0
xdel s 2-1
xautoclaim s g erin 0 0
xautoclaim s nosuch dave 0 0
xautoclaim s g dave 0 0 count 0
xpending s g

# XINFO
xgroup create s g 0 mkstream
xadd s 1-1 f 1
xadd s 2-1 f 2
xreadgroup group g alice count 1 streams s >
xinfo stream s
~ xinfo stream s full
~ xinfo stream s full count 1
xinfo groups s
~ xinfo consumers s g
xinfo stream missing
xinfo groups missing
xinfo consumers s nosuch
xinfo help
xinfo nosuch s

# what streams refuse
set k v
xadd k 1-1 f v
xlen k
xrange k - +
xread streams k 0
xack k g 1-1
xgroup create k g 0
xinfo stream k
`)
