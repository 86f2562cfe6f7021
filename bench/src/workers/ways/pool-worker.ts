export { RedisBinding, RedisPool } from "@warmpool/cloudflare/pool"

export default {}
