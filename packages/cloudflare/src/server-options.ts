import type { Transport } from "@warmpool/core"
import type { PoolService } from "./service/service.ts"

/** Another way to the server, for every entry. */
interface TransportOptions {
  /** Opens connections in place of all that `env` holds. */
  readonly transport?: Transport | undefined
}

/** Where the pool is. */
export interface BindingOptions extends TransportOptions {
  /** The service binding, where it is not `env.REDIS`. */
  readonly binding?: PoolService | undefined
}

/** Where a server over HTTP is. */
export interface HttpOptions extends TransportOptions {
  /** `https:` for HTTP, `redis:` or `rediss:` for TCP, in place of the variables. */
  readonly url?: string | undefined
  /** What HTTP servers are shown. */
  readonly token?: string | undefined
}

/** Where a server over TCP is. */
export interface TcpOptions extends TransportOptions {
  readonly url?: string | undefined
  /** The name connections over TCP show in `CLIENT LIST`. */
  readonly name?: string | undefined
}
