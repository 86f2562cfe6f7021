import { defaultHost, type Host, type Scope } from "@warmpool/core"
import { InvocationScope } from "@warmpool/core/scope"
import { deadlineOf, type PlatformRequest, platformRequest } from "../request-context.ts"
import { Requests, type Storage } from "../requests.ts"
import { signalOf, type Wrapping } from "../with-redis.ts"

/** A global of the Edge runtime; elsewhere it may be missing, and requests then have no deadline of their own. */
const AsyncStorage: (new () => Storage<InvocationScope>) | undefined = Reflect.get(
  globalThis,
  "AsyncLocalStorage",
)

/** Which request the running code belongs to. */
const requests = /* @__PURE__ */ new Requests(AsyncStorage && new AsyncStorage())

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
    const request = requests.current
    if (request) return request
    const platform = platformRequest()
    return platform && scopeOf(platform)
  },
}

/** Handlers of Web requests: the answer leaves when all has settled. */
export const onEdge: Omit<Wrapping<InvocationScope>, "redis"> = {
  requests,
  begin: (args, endsAt) => new InvocationScope(endsAt, signalOf(args)),
  serve: (handle, { close }) => handle().finally(close),
}
