import { readTable } from "../script.ts"

/** Commands of servers newer than 7.0; an older one does not know them, and both clients must say so alike. */
export const newer = readTable(`
# expiring hash fields
hset h a 1 b 2 c 3
hexpire h 1000 fields 1 a
hpexpire h 1000000 fields 1 b
hexpireat h 33177117420 fields 1 a
hpexpireat h 33177117420000 fields 1 b
~ httl h fields 2 a c
~ hpttl h fields 2 a missing
hexpiretime h fields 2 a c
hpexpiretime h fields 2 b missing
hpersist h fields 2 a c
hgetdel h fields 1 c
hgetex h persist fields 1 b
hsetex h ex 1000 fields 1 d 4
hexpire h 1000 fields 2 a

# conditional and batched strings
set k v
digest k
delex k ifeq other
delex k ifeq v
set k v
delifeq k v
msetex 2 a 1 b 2 ex 100
increx n byint 5 ex 100
set k v ifeq w

# lists and sets at once
rpush l a b c d
lmovem l m left right count 2
sadd s a b
sunioncard 1 s
sdiffcard 1 s

# streams
xadd s 1-1 f v
xgroup create s g 0
xreadgroup group g alice streams s >
xackdel s g ids 1 1-1
xdelex s ids 1 1-1
xnack s g fail ids 1 1-1
xcfgset s idmp-duration 100
xidmprecord s p i 1-1

# vector sets
vadd v values 2 1 0 a
vadd v values 2 0 1 b
vcard v
vdim v
vemb v a
vgetattr v a
vsetattr v a "{}"
vinfo missing
vismember v a
~ vlinks v a
vrandmember missing
vrange v - +
vsim v ele a
vrem v b

# arrays
arset a 0 x
arget a 0
arlen a
arcount a
arinsert a x
arseek a 0
arnext a
argetrange a 0 1
arlastitems a 1
armset a 1 y 2 z
armget a 0 1
arscan a 0 1
argrep a 0 1 match x
arop a 0 1 sum
arinfo a
ardel a 0
ardelrange a 0 1
arring a 2 x

# servers
commandlog len slow
commandlog help
hotkeys help
trimslots ranges 1 0 1
bless help
backup help
sentinel masters
cluster myshardid
cluster slot-stats orderby key-count
cluster migration status id x
cluster getslotmigrations
cluster cancelslotmigrations
cluster migrateslots
cluster syncslots
cluster slot-stats
script show 0123456789012345678901234567890123456789
`)
