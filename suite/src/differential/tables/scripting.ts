import { readTable } from "../script.ts"

const LIBRARY = String.raw`"#!lua name=lib\nredis.register_function('greet', function(keys, args) return {keys, args, 'hi'} end)\nredis.register_function{function_name='read', callback=function(keys) return redis.call('get', keys[1]) end, flags={'no-writes'}}"`

/** Lua: scripts and functions. */
export const scripting = readTable(String.raw`
# EVAL: every kind of reply
eval "return 1" 0
eval "return -1" 0
eval "return 'text'" 0
eval "return ''" 0
eval "return nil" 0
eval "return true" 0
eval "return false" 0
eval "return 3.99" 0
eval "return {}" 0
eval "return {1, 'two', {3, {'four', {}}}, false, true, 5.5}" 0
eval "return {1, nil, 3}" 0
eval "return {ok='FINE'}" 0
eval "return {err='MINE is bad'}" 0
eval "return {err='no code'}" 0
eval "return {1, {err='NESTED is bad'}, 2}" 0
eval "return redis.status_reply('STATUS')" 0
eval "return redis.error_reply('FAILED it')" 0
eval "return {redis.error_reply('ONE bad'), {redis.error_reply('TWO bad')}}" 0
eval "return '\\255\\0\\r\\n'" 0
eval "return 'ü😀'" 0

# EVAL: keys, arguments, errors
eval "return {KEYS, ARGV}" 2 k1 k2 a1 a2
eval "return {#KEYS, #ARGV}" 0 a
eval "return redis.call('set', KEYS[1], ARGV[1])" 1 k v
eval "return redis.call('get', KEYS[1])" 1 k
eval "return redis.call('incr', KEYS[1])" 1 k
eval "return redis.pcall('incr', KEYS[1])" 1 k
eval "return redis.call('nosuchcommand')" 0
eval "return nosuch" 0
eval "this is not Lua" 0
eval "error('thrown')" 0
eval "error({err='MY error'})" 0
eval "return 1"
eval "return 1" -1
eval "return 1" 3 a
eval "return 1" nan
eval "return ARGV[1]" 0 b"\xff\x00\xfe"
eval "return redis.call('hgetall', KEYS[1])" 1 missing
eval_ro "return redis.call('get', KEYS[1])" 1 k
eval_ro "return redis.call('set', KEYS[1], 'x')" 1 k
eval "return cjson.encode({1, 2})" 0

# EVALSHA, SCRIPT
script load "return {KEYS[1], ARGV[1]}"
script exists 4a9e2a2e9ab9b8d1e9a3a0d0d6f4b8d6a5a3a0d0 e0e1f9fabfc9d4800c877a703b823ac0578ff8db
evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
script load "return 1"
evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
evalsha_ro e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
evalsha E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0
evalsha nosuch 0
script exists e0e1f9fabfc9d4800c877a703b823ac0578ff8db
script flush
script flush sync
script flush async
script flush nosuch
script exists e0e1f9fabfc9d4800c877a703b823ac0578ff8db
evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
script kill
script help
script load "not Lua"
script nosuch

# FUNCTION, FCALL
function load ${LIBRARY}
function load ${LIBRARY}
function load replace ${LIBRARY}
fcall greet 2 k1 k2 a1
fcall greet 0
fcall nosuch 0
fcall greet
set k v
fcall read 1 k
fcall_ro read 1 k
fcall_ro greet 0
function list
function list libraryname l*
function list withcode
function list libraryname nosuch
function stats
function dump
function delete lib
function delete lib
function list
function load "no header"
function load "#!lua name=bad\nnot Lua"
function load "#!nosuch name=bad\nreturn 1"
function restore b"\x00"
function flush
function flush async
function flush nosuch
function dump
function kill
function help
function nosuch
`)
