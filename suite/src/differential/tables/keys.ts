import { readTable } from "../script.ts"

/** Keys of any type: their existence, life, names, places. */
export const keys = readTable(String.raw`
# EXISTS, DEL, UNLINK, TOUCH, TYPE
mset a 1 b 2 c 3 d 4
exists a
exists a b missing a
exists missing
touch a b missing
del a
del a b missing
unlink c d missing
rpush l x
sadd s x
zadd z 1 x
hset h f v
xadd x 1-1 f v
setbit bits 1 1
type l
type s
type z
type h
type x
type bits
type missing
del
exists

# EXPIRE and its kin
set k v
ttl k
pttl k
ttl missing
expire k 100
expire missing 100
~ ttl k
~ pttl k
expire k 200 nx
expire k 200 xx
expire k 100 gt
expire k 100 lt
expire k 100 nx xx
expire k 100 nosuch
expire k nan
pexpire k 100000
pexpire k 100000 lt
persist k
persist k
persist missing
expireat k 33177117420
expiretime k
pexpiretime k
pexpireat k 33177117420123
expiretime k
pexpiretime k
expireat k 33177117421 gt
expireat k 33177117421 nx
pexpireat k 33177117421000 xx
expiretime missing
pexpiretime missing
set p v
expiretime p
expire k 0
exists k
expire p -1
exists p
expire k 9223372036854775807

# RENAME, RENAMENX, COPY, MOVE
set a 1
rename a b
rename a b
rename missing b
renamenx b c
set d 1
renamenx c d
renamenx missing d
copy c e
copy c e
copy c e replace
copy missing e
copy c f db 1
copy c f db 1 replace
copy c c
copy c f db 99
copy c f nosuch
move c 1
move c 1
move missing 1
move d 0
move d 99
get e

# KEYS, RANDOMKEY, DBSIZE
dbsize
randomkey
keys *
set only v
randomkey
mset one 1 two 2 three 3
keys t*
keys *e
keys t[wh]*
keys nosuch
keys o?e
keys only
dbsize

# SCAN
mset a:1 1 a:2 2 b:1 3
lpush a:l x
scan 0
scan 0 match a:*
scan 0 count 100
scan 0 match a:* count 100 type string
scan 0 type list
scan 0 type nosuch
scan nan
scan 0 count 0
scan 0 nosuch
scan 0 match

# OBJECT
set small 12
set short abc
set long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
rpush l a
sadd ints 1 2
sadd s a
hset h f v
zadd z 1 a
object encoding small
object encoding short
object encoding long
object encoding l
object encoding ints
object encoding s
object encoding h
object encoding z
object encoding missing
object refcount short
~ object idletime short
object freq short
object help
object nosuch short
object encoding

# DUMP and RESTORE
set k v
dump k
dump missing
restore copy 0 b"\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce"
get copy
restore copy 0 b"\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce"
restore copy 33177117420000 b"\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce" replace absttl
pexpiretime copy
restore copy 0 b"\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce" replace idletime 5
restore broken 0 b"\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xcd"
restore k 0 b"\x00"
restore copy 0 text
restore copy 0
rpush l a b c
dump l

# SORT
rpush l 3 1 2 10
sort l
sort l desc
sort l alpha
sort l alpha desc limit 1 2
sort l limit 0 2
mset w_1 4 w_2 3 w_3 2 w_10 1
mset o_1 one o_2 two o_3 three
hset h_1 f x
sort l by w_*
sort l by nosort
sort l by w_* get o_* get #
sort l get h_*->f
sort l by w_* desc get o_* limit 0 2
sort l store out
lrange out 0 -1
sort l by w_* get o_* store out
lrange out 0 -1
sort missing
sort missing store out
exists out
sort_ro l desc
sort_ro l by w_* get #
sort_ro l store out
rpush words b a
sort words
sort l nosuch
set s v
sort s

# MEMORY, TOUCH and WAIT without replicas
set k v
~ memory usage k
~ memory usage k samples 0
memory usage missing
memory usage k samples
memory help
~ memory doctor
~ memory stats
~ memory malloc-stats
memory purge
memory nosuch

# SWAPDB, FLUSHDB, FLUSHALL
set k v
swapdb 0 1
get k
swapdb 0 1
get k
swapdb 0 99
swapdb a b
flushdb
exists k
set k v
flushdb async
set k v
flushdb sync
set k v
flushall async
set k v
flushall sync
flushall nosuch
flushdb nosuch
dbsize

# MIGRATE to nobody
set k v
migrate 127.0.0.1 1 missing 0 100
migrate 127.0.0.1 1 k 0 100
migrate 127.0.0.1 1 "" 0 100 keys missing gone
migrate 127.0.0.1 nan k 0 100
migrate 127.0.0.1 1 k 0 nan
migrate 127.0.0.1

# unknown commands
nosuchcommand
nosuchcommand secret arguments "are cut"
`)
