import { readTable } from "../script.ts"

/** Hashes. */
export const hashes = readTable(String.raw`
# HSET, HGET, HMSET, HMGET, HSETNX
hset h a 1
hset h a 2 b 3
hset h c "" "" empty
hget h a
hget h ""
hget h missing
hget missing a
hmset h d 4 e 5
hmget h a b missing
hmget missing a b
hsetnx h a x
hsetnx h z x
hset h a
hset h a 1 b
hmset h a
hmget h

# HGETALL, HKEYS, HVALS, HLEN, HSTRLEN, HEXISTS
hgetall missing
hset h b 2 a 1 10 ten 9 nine
hgetall h
hkeys h
hvals h
hlen h
hkeys missing
hvals missing
hlen missing
hstrlen h 10
hstrlen h missing
hexists h a
hexists h missing
hset odd __proto__ p constructor c toString t valueOf v "" e
hgetall odd
hset bytes b"\xff\x00" b"\x80\x81" ü ö
hgetall bytes
hgetall

# HDEL
hset h a 1 b 2 c 3
hdel h a
hdel h a b missing
hdel h c
exists h
hdel missing a
hdel h

# HINCRBY, HINCRBYFLOAT
hincrby h n 5
hincrby h n -10
hincrbyfloat h n 0.5
hincrbyfloat h f 1e3
hset h t text
hincrby h t 1
hincrbyfloat h t 1
hincrby h n 1
hincrby h n nan
hincrbyfloat h n inf

# HRANDFIELD
hset h only 1
hrandfield h
hrandfield h 1
hrandfield h 5
hrandfield h -2
hrandfield h -2 withvalues
hrandfield h 5 withvalues
hrandfield h 0
hrandfield missing
hrandfield missing 2
hrandfield missing 2 withvalues
hset h more 2 again 3
hrandfield h 3
hrandfield h 10 withvalues
~ hrandfield h
~ hrandfield h -2
hrandfield h nan
hrandfield h 1 nosuch

# HSCAN
hset h a 1 b 2 ab 3
hscan h 0
hscan h 0 match a*
hscan h 0 count 10
hscan h 0 match *b count 1
hscan missing 0
hscan h nan
hscan h 0 novalues
hscan h 0 nosuch

# what hashes refuse
set s v
hset s f v
hget s f
hgetall s
hdel s f
hlen s
hincrby s f 1
hscan s 0
hrandfield s

# a hash too large for a listpack
hset h ${fields(200)}
hlen h
hgetall h
hkeys h
hvals h
hscan h 0 count 1000
hmget h f1 f100 f199
`)

/** Fields and values, enough of them for another encoding. */
function fields(count: number): string {
  return Array.from({ length: count }, (_, n) => `f${n} v${n}`).join(" ")
}
