import { readTable } from "../script.ts"

/** Sets. */
export const sets = readTable(String.raw`
# SADD, SREM, SCARD, SISMEMBER, SMISMEMBER, SMEMBERS
sadd s a b c a
sadd s a
scard s
scard missing
sismember s a
sismember s x
sismember missing a
smismember s a x b
smismember missing a b
smembers s
smembers missing
srem s a x
srem s b c
exists s
srem missing a
sadd ints 3 1 2
smembers ints
sadd ints text
smembers ints
sadd s b"\xff\xfe" "" 😀
smembers s
sadd s
smembers

# SINTER, SUNION, SDIFF and what stores them
sadd a 1 2 3 4
sadd b 3 4 5
sadd c 4 x
sinter a b
sinter a b c
sinter a missing
sunion a b c
sunion missing
sdiff a b
sdiff a b c
sdiff missing a
sinterstore d a b
smembers d
sunionstore d a c
scard d
sdiffstore d a b
smembers d
sinterstore d a missing
exists d
sintercard 2 a b
sintercard 2 a b limit 1
sintercard 1 missing
sintercard 0 a
sintercard 2 a
sintercard 2 a b limit -1
sintercard 2 a b nosuch

# SMOVE
sadd a x y
smove a b x
smove a b x
smove missing b x
smembers a
smembers b
set s v
smove a s y

# SPOP and SRANDMEMBER of one
sadd s only
srandmember s
srandmember s 5
srandmember s -3
srandmember s 0
srandmember missing
srandmember missing 2
spop s
spop s
spop missing
spop missing 2
sadd s a b c
srandmember s 3
spop s 0
spop s 10
exists s
srandmember s nan
spop s -1

#~ SPOP and SRANDMEMBER of many
sadd s a b c d e f
~ srandmember s
~ srandmember s 2
~ srandmember s -10
~ spop s
~ spop s 2
scard s

# SSCAN
sadd s a b ab
sadd i 1 2 3
sscan s 0
sscan s 0 match a*
sscan s 0 count 10
sscan i 0
sscan missing 0
sscan s nan
sscan s 0 nosuch

# what sets refuse
set k v
sadd k a
srem k a
smembers k
scard k
sismember k a
smismember k a b
sinter k
sunion k
sdiff k
spop k
srandmember k
sscan k 0
`)
