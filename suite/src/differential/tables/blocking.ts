import { readTable } from "../script.ts"

/** Commands that wait for data: with data there, with none until their time is up, with wrong arguments. */
export const blocking = readTable(`
# BLPOP, BRPOP
rpush l a b c d
blpop l 1
brpop l 1
blpop missing l 1
blpop missing other 0.01
brpop missing 0.01
blpop l -1
blpop l nan
blpop l
set s v
blpop s 1
brpop missing s 1

# BLMOVE, BRPOPLPUSH
rpush a 1 2 3
blmove a b left right 1
blmove missing b left right 0.01
blmove a b nosuch right 1
brpoplpush a b 1
brpoplpush missing b 0.01
lrange b 0 -1
brpoplpush a b -1
blmovem a b left right 1 count 1

# BLMPOP
rpush a 1 2 3 4
blmpop 1 2 missing a left
blmpop 1 1 a right count 2
blmpop 0.01 1 missing left
blmpop 1 0 a left
blmpop -1 1 a left

# BZPOPMIN, BZPOPMAX, BZMPOP
zadd z 1 a 2 b 3.5 c 4 d 5 e
bzpopmin z 1
bzpopmax missing z 1
bzpopmin missing 0.01
bzpopmax missing 0.01
bzmpop 1 1 z min
bzmpop 1 2 missing z max count 5
bzmpop 0.01 1 missing min
bzpopmin z nan

# XREAD, XREADGROUP with BLOCK
xadd s 1-1 f 1
xgroup create s g 0
xread block 1000 streams s 0
xread count 1 block 1000 streams s 0
xread block 10 streams s $
xread block 10 streams missing 0
xread block -1 streams s 0
xreadgroup group g alice block 1000 streams s >
xreadgroup group g alice block 10 streams s >
xreadgroup group g alice count 1 block 10 streams s 0
`)
