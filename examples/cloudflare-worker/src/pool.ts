export { RedisBinding, RedisPool } from "@warmpool/cloudflare/pool"

/** Nothing over HTTP: whoever may use the server has a binding. */
export default {}
