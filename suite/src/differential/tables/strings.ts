import { readTable } from "../script.ts"

/** Strings, and the bits in them. */
export const strings = readTable(String.raw`
# SET and its options
set k v
set k w nx
set new w nx
set k w xx
set missing w xx
set k 1 get
set fresh 1 get
set k 2 ex 100
set k 3 px 100000 xx get
set k 4 exat 33177117420
set k 5 pxat 33177117420000
set k 6 keepttl
expiretime k
set k 7 nx get
set k 8 nx xx
set k 9 ex 0
set k 9 ex nan
set k 9 ex 10 px 10
set k 9 nosuchoption
set k
get k

# SET over another type
lpush l a
set l v get
get l
type l
set l v
type l

# GET, GETSET, GETDEL, GETEX
set k v
get k
get missing
getset k w
getset new w
getdel k
getdel k
set e v
getex e
getex e ex 100
~ ttl e
getex e px 100000
~ pttl e
getex e exat 33177117420
expiretime e
getex e pxat 33177117420000
pexpiretime e
getex e persist
ttl e
getex missing
getex e nosuchoption
getex e ex 0

# what GET refuses
sadd s a
get s
getset s v
getdel s
getex s
strlen s
append s x
setrange s 0 x
getrange s 0 -1
incr s

# MSET, MGET, MSETNX
mset a 1 b 2 c ""
mget a b c missing
mget a a
sadd s m
mget a s
mset a
mset a 1 b
msetnx d 1 e 2
msetnx e 3 f 4
mget d e f

# SETEX, PSETEX, SETNX
setex k 100 v
~ ttl k
psetex k 100000 w
~ pttl k
setex k 0 v
setex k -1 v
psetex k nan v
setnx k x
setnx k2 x
get k
get k2

# APPEND, STRLEN, SETRANGE, GETRANGE, SUBSTR
append k hello
append k ""
append k " wörld"
strlen k
strlen missing
getrange k 0 4
getrange k -3 -1
getrange k 3 1
getrange k 0 100
getrange missing 0 -1
substr k 0 1
setrange k 6 W
setrange gap 3 x
get gap
setrange missing 0 ""
setrange k -1 x
setrange k 600000000 x
getrange k a b

# counters
incr n
incrby n 41
decr n
decrby n 10
incrby n -1
incrbyfloat n 0.5
incrbyfloat n 2e2
incrbyfloat f 3.0
incrbyfloat f -1.25
get n
get f
incr n
incrby n nan
incrbyfloat n nan
incrbyfloat n abc
decrby n
set text hello
incr text
incrbyfloat text 1
decrby k -9223372036854775808

# LCS
mset a ohmytext b mynewtext
lcs a b
lcs a b len
lcs a b idx
lcs a b idx minmatchlen 4
lcs a b idx minmatchlen 4 withmatchlen
lcs a missing
lcs a b len idx
lpush l x
lcs a l

# SETBIT, GETBIT, BITCOUNT, BITPOS
setbit b 7 1
setbit b 7 0
setbit b 100 1
getbit b 100
getbit b 101
getbit missing 0
set t foobar
bitcount t
bitcount t 0 0
bitcount t 1 1
bitcount t 5 30 bit
bitcount t -2 -1 byte
bitcount missing
bitpos t 1
bitpos t 0
bitpos t 1 2
bitpos t 1 2 -1 byte
bitpos t 1 7 15 bit
bitpos missing 1
bitpos missing 0
setbit b 1 2
setbit b -1 1
getbit b x
bitcount t 0
bitpos t 2
bitcount t 0 1 nosuch

# BITOP
set a abc
set b ab
bitop and d a b
bitop or d a b
bitop xor d a b
bitop not d a
getrange d 0 -1
bitop not d a b
bitop nosuch d a
strlen d
bitop and d missing
exists d

# BITFIELD
bitfield b set u8 0 255 get u8 0
bitfield b incrby i5 100 1 get u4 0
bitfield b overflow sat incrby u8 0 10 overflow wrap incrby u8 0 10
bitfield b overflow fail incrby u8 0 250
bitfield b set i64 64 -1 get u8 64
bitfield b get u8 #1 get i8 #2
bitfield missing get u8 0
bitfield b
bitfield b get u64 0
bitfield b nosuch
bitfield_ro b get u8 0 get i16 4
bitfield_ro b set u8 0 1

# HyperLogLog
pfadd h a b c
pfadd h a
pfadd empty
pfcount h
pfcount missing
pfadd g c d
pfcount h g
pfmerge m h g
pfcount m
pfmerge m
pfdebug encoding h
pfdebug decode h
pfdebug todense h
pfdebug encoding h
pfdebug getreg missing
pfselftest too many
set s v
pfadd s a
pfcount s
pfmerge m s

# empty and odd strings
set "" ""
get ""
set " " "\r\n"
get " "
set "a b" "\u0000"
get "a b"
set quoted "\"'\\"
get quoted
set bytes b"\x00\xff\xfe\x80abc\r\n"
get bytes
strlen bytes
mget "" " " "a b" quoted bytes
set 🚀 "héllo wörld 😀"
get 🚀
strlen 🚀
getrange 🚀 0 1
`)
