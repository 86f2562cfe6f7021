import { readTable } from "../script.ts"

/** Sorted sets. */
export const sortedSets = readTable(`
# ZADD and its options, ZSCORE, ZMSCORE, ZCARD
zadd z 1 a
zadd z 2 b 3 c
zadd z 5 a 4 d
zadd z nx 9 a 9 e
zadd z xx 8 a 8 new
zadd z ch 7 a 9 e
zadd z gt 1 a
zadd z lt 1 a
zadd z gt ch 100 a
zadd z incr 5 a
zadd z nx incr 5 a
zadd z xx incr 5 missing
zadd z inf top
zadd z -inf bottom
zadd z 1.5 f 1e300 big 0.1 tenth
zscore z a
zscore z top
zscore z bottom
zscore z f
zscore z big
zscore z tenth
zscore z missing
zscore missing a
zmscore z a missing f
zmscore missing a b
zcard z
zcard missing
zadd z nan a
zadd z text a
zadd z 1
zadd z nx xx 1 a
zadd z gt lt 1 a
zadd z incr 1 a 2 b

# ZRANGE and its forms
zadd z 1 a 2 b 3 c 4 d 5 e
zrange z 0 -1
zrange z 1 2
zrange z 0 -1 withscores
zrange z 0 -1 rev
zrange z 0 1 rev withscores
zrange z 2 4 byscore
zrange z (2 4 byscore
zrange z -inf +inf byscore limit 1 2
zrange z -inf +inf byscore limit 1 -1 withscores
zrange z +inf -inf byscore rev
zrange z 4 2 byscore rev withscores limit 0 1
zrange z [b [d bylex
zrange z - + bylex limit 0 2
zrange z + - bylex rev
zrange missing 0 -1
zrange z 5 1
zrange z 0 -1 limit 0 1
zrange z 0 -1 bylex
zrange z a b
zrange z a b byscore
zrange z - + bylex withscores
zrangestore d z 1 3
zrange d 0 -1 withscores
zrangestore d z 2 4 byscore rev
zrangestore d z 4 2 byscore rev limit 0 2
zrange d 0 -1
zrangestore d missing 0 -1
exists d
zrangestore d z 0 -1 withscores

# the older ranges
zadd z 1 a 2 b 3 c 4 d 5 e
zrevrange z 0 -1
zrevrange z 0 1 withscores
zrangebyscore z 2 4
zrangebyscore z (2 (4
zrangebyscore z -inf +inf withscores
zrangebyscore z -inf +inf withscores limit 1 2
zrangebyscore z -inf +inf limit 1 -1
zrangebyscore missing 0 1
zrangebyscore z a b
zrevrangebyscore z 4 2
zrevrangebyscore z +inf -inf withscores limit 0 2
zrangebylex z [b (d
zrangebylex z - + limit 1 2
zrevrangebylex z + [c
zrevrangebylex z + - limit 0 1
zrangebylex z b d
zcount z 2 4
zcount z (2 +inf
zcount missing 0 1
zcount z a b
zlexcount z - +
zlexcount z [b [c
zlexcount z b c

# ZRANK, ZREVRANK, ZINCRBY
zadd z 1 a 2 b 2.5 c
zrank z a
zrank z c
zrank z missing
zrank missing a
zrevrank z a
zrevrank z missing
zrank z a withscore
zrevrank z a withscore
zrank z missing withscore
zincrby z 1.5 a
zincrby z -3 new
zincrby z inf a
zincrby z -inf a
zincrby z text a
zrange z 0 -1 withscores

# ZREM and the ranges removed
zadd z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
zrem z a
zrem z b missing
zrem missing a
zremrangebyrank z 0 0
zremrangebyscore z 4 (5
zremrangebyscore z -inf 0
zrange z 0 -1
zadd lex 0 a 0 b 0 c 0 d
zremrangebylex lex [b (d
zrange lex 0 -1
zremrangebylex lex b d
zremrangebyrank z 0 -1
exists z
zremrangebyrank z a b
zrem z

# ZPOPMIN, ZPOPMAX, ZMPOP
zadd z 1 a 2 b 3 c 4 d 5 e 6 f
zpopmin z
zpopmax z
zpopmin z 2
zpopmax z 1
zpopmin z 0
zpopmin missing
zpopmax missing 2
zadd y 1 p 2 q 3 r
zmpop 2 missing y min
zmpop 2 missing y max count 5
zmpop 1 missing min
zmpop 0 y min
zmpop 1 y nosuch
zpopmin z 10
zpopmin z -1

# ZUNION, ZINTER, ZDIFF and what stores them
zadd a 1 x 2 y
zadd b 10 y 20 z
sadd s x z
zunion 2 a b
zunion 2 a b withscores
zunion 2 a b weights 2 0.5 withscores
zunion 2 a b aggregate max withscores
zunion 3 a b s withscores
zunion 1 missing
zinter 2 a b
zinter 2 a b withscores
zinter 2 a b weights 1 2 aggregate min withscores
zinter 2 a missing
zdiff 2 a b
zdiff 2 a b withscores
zdiff 2 missing a
zunionstore d 2 a b
zrange d 0 -1 withscores
zunionstore d 2 a b weights 3 1 aggregate min
zrange d 0 -1 withscores
zinterstore d 2 a b
zrange d 0 -1 withscores
zinterstore d 2 a b aggregate sum
zdiffstore d 2 a b
zrange d 0 -1
zdiffstore d 2 a a
exists d
zintercard 2 a b
zintercard 2 a b limit 1
zintercard 1 missing
zunion 0 a
zunion 2 a
zinter 2 a b weights 1
zunionstore d 2 a b aggregate nosuch

# ZRANDMEMBER
zadd z 1 only
zrandmember z
zrandmember z 3
zrandmember z -2
zrandmember z -2 withscores
zrandmember z 1 withscores
zrandmember z 0
zrandmember missing
zrandmember missing 2
zadd z 2 more 3 again
zrandmember z 10 withscores
~ zrandmember z
~ zrandmember z -2 withscores
zrandmember z nan

# ZSCAN
zadd z 1 a 2.5 b 3 ab
zscan z 0
zscan z 0 match a*
zscan z 0 count 10
zscan missing 0
zscan z nan
zscan z 0 nosuch

# what sorted sets refuse
set s v
zadd s 1 a
zscore s a
zrange s 0 -1
zrank s a
zcard s
zpopmin s
zunion 1 s
zscan s 0
zrandmember s

# a sorted set too large for a listpack
zadd z ${members(200)}
zcard z
zrange z 0 -1 withscores
zscan z 0 count 1000
zrangebyscore z 50 60 withscores
`)

function members(count: number): string {
  return Array.from({ length: count }, (_, n) => `${n}.25 m${n}`).join(" ")
}
