import { channel, hasSubscribers } from "node:diagnostics_channel"
import { defaultHost, type Host } from "@warmpool/core"
import type { Invocations } from "./invocations.ts"

/** Node's own event loop, the current invocation, and events on the channels `warmpool:<event>`. */
export function lambdaHost(invocations: Invocations): Host {
  return {
    ...defaultHost,
    scope: () => invocations.current,
    publish: (event, detail) => channel(`warmpool:${event}`).publish(detail),
    subscribed: (event) => hasSubscribers(`warmpool:${event}`),
  }
}
