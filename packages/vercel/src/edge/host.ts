import { defaultHost, type Host, type Scope } from "@warmpool/core"
import { deadlineOf, type PlatformRequest, platformRequest } from "../request-context.ts"
import { Requests, type Storage } from "../requests.ts"

/** A global of the Edge runtime; elsewhere it may be missing, and requests then have no deadline of their own. */
const AsyncStorage: (new () => Storage) | undefined = Reflect.get(globalThis, "AsyncLocalStorage")

/** Which request the running code belongs to. */
export const edgeRequests = /* @__PURE__ */ new Requests(AsyncStorage && new AsyncStorage())

const scopes = /* @__PURE__ */ new WeakMap<PlatformRequest, Scope>()

/** The platform's own word of a request: when it ends; it waits for commands that nobody awaits. */
function scopeOf(request: PlatformRequest): Scope {
  const known = scopes.get(request)
  if (known) return known
  const scope: Scope = { endsAt: deadlineOf(request), track: (done) => request.waitUntil?.(done) }
  scopes.set(request, scope)
  return scope
}

/** What the Edge runtime lends core. */
export const edgeHost: Host = {
  ...defaultHost,
  scope: () => {
    const request = edgeRequests.current
    if (request) return request
    const platform = platformRequest()
    return platform && scopeOf(platform)
  },
}
