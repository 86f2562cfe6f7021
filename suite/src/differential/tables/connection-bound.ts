import { readTable } from "../script.ts"

/** What changes the connection, or depends on what was sent there before. */
export const connectionBound = readTable(`
# SELECT
select 1
set k v
get k
select 0
get k
select 99
select nan
select

# WATCH, UNWATCH
watch k
watch k l
unwatch
unwatch
watch

# CLIENT: what changes the connection
client setname tester
client getname
client setname "two words"
client setname ""
client getname
client no-evict on
client no-evict off
client no-evict nosuch
client no-touch on
client no-touch off
client setinfo lib-name tester
client setinfo lib-ver 1.0
client setinfo nosuch x
client tracking on
client trackinginfo
client caching yes
client tracking off
client tracking on optin
client caching yes
client tracking off
client tracking nosuch
client capa redirect
client import-source off
himport help

# AUTH
auth wrong
auth nobody wrong
auth a b c

# ASKING, READONLY, READWRITE, without a cluster
asking
readonly
readwrite

# WAIT, WAITAOF
set k v
wait 0 10
wait 1 10
wait nan 10
wait 0 nan
waitaof 0 0 10
waitaof 1 0 10

# RESET
reset
`)
