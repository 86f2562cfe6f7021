import { readTable } from "../script.ts"

/** Lists. */
export const lists = readTable(String.raw`
# LPUSH, RPUSH, LPUSHX, RPUSHX, LRANGE, LLEN
lpush l a b c
rpush l d e
lpushx l x
rpushx l y z
lpushx missing x
rpushx missing x
lrange l 0 -1
lrange l 1 2
lrange l -2 -1
lrange l 5 1
lrange l 100 200
lrange missing 0 -1
llen l
llen missing
lpush l
lrange l a b
rpush bytes b"\x00\xff" "" "\r\n" 😀
lrange bytes 0 -1

# LPOP, RPOP
rpush l a b c d e f g
lpop l
rpop l
lpop l 2
rpop l 2
lpop l 0
rpop l 100
lpop l
rpop l
lpop missing 2
rpop missing 2
lpop missing 0
lpop l -1
lpop l nan
lpop l 1 2

# LINDEX, LSET, LINSERT, LREM, LTRIM
rpush l a b c b a
lindex l 0
lindex l -1
lindex l 100
lindex missing 0
lset l 0 x
lset l 100 x
lset missing 0 x
linsert l before b new
linsert l after b newer
linsert l before nosuch x
linsert missing before b x
linsert l nosuch b x
lrem l 1 b
lrem l -1 b
lrem l 0 nosuch
lrem missing 0 x
lrange l 0 -1
ltrim l 1 -2
lrange l 0 -1
ltrim l 5 1
exists l
ltrim missing 0 1

# LPOS
rpush l a b c 1 2 3 c c
lpos l c
lpos l c rank 2
lpos l c rank -1
lpos l c count 2
lpos l c count 0
lpos l c rank -1 count 2
lpos l c maxlen 1
lpos l nosuch
lpos l nosuch count 0
lpos missing c
lpos missing c count 0
lpos l c rank 0
lpos l c count -1

# LMOVE, RPOPLPUSH
rpush a 1 2 3 4
lmove a b left right
lmove a b right left
lmove a b left left
lmove a a left right
lmove missing b left right
rpoplpush a b
rpoplpush missing b
rpoplpush b b
lrange a 0 -1
lrange b 0 -1
lmove a b up down
set s v
lmove b s left right
rpoplpush b s

# LMPOP
rpush b 1 2 3 4 5
lmpop 2 a b left
lmpop 2 a b right count 2
lmpop 1 b left count 10
lmpop 1 b left
lmpop 2 a b right count 2
lmpop 0 a left
lmpop 1 b nosuch
lmpop 1 b left count 0

# what lists refuse
set s v
lpush s x
lpop s
lrange s 0 -1
llen s
lindex s 0
linsert s before a b
lpos s a
lmpop 1 s left

# a long list
rpush l ${numbers(500)}
lrange l 0 -1
llen l
lindex l 250
lpos l 499
lpop l 300
lrange l -5 -1
`)

function numbers(count: number): string {
  return Array.from({ length: count }, (_, n) => String(n)).join(" ")
}
