import { bindingTransport, type OpenSession } from "./service/binding-transport.ts"
import { BIND_POOL } from "./service/call-error.ts"
import type { PoolService } from "./service/service.ts"
import type { Way } from "./way.ts"

/** Through the pool, by a service binding. */
export function bindingWay(openSession?: OpenSession): Way {
  return {
    wants: BIND_POOL,
    open({ url, binding }, env) {
      const service = binding ?? env["REDIS"]
      // The transport tells what is wrong with one that is something else.
      return service == null || url !== undefined
        ? undefined
        : bindingTransport(service as PoolService, openSession)
    },
  }
}
