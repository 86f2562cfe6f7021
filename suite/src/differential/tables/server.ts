import { readTable } from "../script.ts"

/** The server and its configuration, its users, its clients, its commands. */
export const server = readTable(String.raw`
# PING, ECHO, TIME, LOLWUT
ping
ping hello
ping b"\xff\x00"
ping too many
echo hello
echo ""
echo
~ time
~ lolwut
lolwut version 5 1 1 1
lolwut version 6 1 1

# INFO and other states
~ info
~ info server
~ info server clients
~ info everything
info nosuchsection
dbsize
~ lastsave
role
save
save now
bgsave nonsense
bgrewriteaof nonsense
failover
failover abort
replicaof no one
slaveof no one
replicaof

# DEBUG
debug sleep 0
debug nosuch
debug help
set k v
debug digest-value k

# CONFIG
config get maxmemory
* config get maxmemory databases
config get nosuchparameter
* config get "hash-max-*-value"
config set lua-time-limit 5001
config get lua-time-limit
config set lua-time-limit 5000
config set nosuchparameter 1
config set databases 5
config set maxmemory nan
config resetstat
config rewrite
config help
config get
config nosuch

# CLIENT: what changes no connection
~ client id
~ client info
~ client list
~ client list type normal
client list type nosuch
client list id 0
client getname
client getredir
~ client trackinginfo
client kill 127.0.0.1:1
client kill id 999999999
client kill id nan
client unblock 999999999
client unblock 999999999 error
client unblock nan
client pause 0
client pause 0 write
client pause nan
client unpause
client help
client nosuch
client

# ACL
acl whoami
acl users
acl getuser default
acl getuser nobody
acl list
acl cat
* acl cat hash
acl cat nosuch
~ acl genpass
~ acl genpass 32
acl genpass nan
acl setuser tester on ">secret" ~k:* &c:* +@read -get
acl getuser tester
acl list
acl setuser tester nosuchrule
acl dryrun tester hget k:1 f
acl dryrun tester get k:1
acl dryrun tester hget other f
acl dryrun nobody get k
acl deluser tester
acl deluser tester
acl deluser default
acl log
acl log 1
acl log reset
acl load
acl save
acl help
acl nosuch

# COMMAND
command count
* command
command info get set nosuch
command info
* command docs get
command docs nosuch
command getkeys mset a 1 b 2
command getkeys eval "return 1" 2 a b c
command getkeys xread streams a b 0 0
command getkeys ping
command getkeys nosuch
command getkeysandflags lmove a b left right
* command list
* command list filterby aclcat geo
* command list filterby pattern xr*
* command list filterby module nosuch
command list filterby nosuch x
command help
command nosuch

# LATENCY, SLOWLOG
latency latest
latency history command
latency graph nosuch
latency reset
latency reset command
~ latency doctor
latency histogram nosuch
~ latency histogram ping
latency help
latency nosuch
~ slowlog get
slowlog get 0
slowlog get nan
~ slowlog len
slowlog reset
slowlog help
slowlog nosuch

# MODULE
module list
module load /nosuch/module.so
module loadex /nosuch/module.so
module unload nosuch
module help
module nosuch

# CLUSTER, without one
cluster info
cluster nodes
cluster slots
cluster shards
cluster myid
cluster keyslot k
cluster countkeysinslot 0
cluster getkeysinslot 0 1
cluster count-failure-reports x
cluster links
cluster replicas x
cluster slaves x
cluster addslots 1
cluster addslotsrange 1 2
cluster bumpepoch
cluster delslots 1
cluster delslotsrange 1 2
cluster failover
cluster flushslots
cluster forget x
cluster meet 127.0.0.1 1
cluster replicate x
cluster reset
cluster saveconfig
cluster set-config-epoch 1
cluster setslot 1 stable
cluster help
cluster nosuch

# PUBLISH, SPUBLISH, PUBSUB
publish c hello
publish c b"\xff\x00"
publish "" ""
publish c
spublish c hello
pubsub channels
pubsub channels a*
pubsub numsub
pubsub numsub a b
pubsub numpat
pubsub shardchannels
pubsub shardchannels a*
pubsub shardnumsub
pubsub shardnumsub a b
pubsub help
pubsub nosuch
`)
