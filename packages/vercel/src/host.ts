import { type Channel, channel } from "node:diagnostics_channel"
import { defaultHost, type Host, type Scope } from "@warmpool/core"
import type { HoldingScope } from "@warmpool/core/scope"
import type { Idling } from "./idling.ts"
import { deadlineOf, type PlatformRequest, platformRequest } from "./request-context.ts"
import type { Requests } from "./requests.ts"

const channels = new Map<string, Channel>()

function channelOf(event: string): Channel {
  const known = channels.get(event)
  if (known) return known
  const made = channel(`warmpool:${event}`)
  channels.set(event, made)
  return made
}

/**
 * Node's own event loop, the current request, and events on the channels `warmpool:<event>`.
 *
 * @param idling - Closes the client's connections in time; without it the platform waits for commands alone.
 */
export function vercelHost(requests: Requests<HoldingScope>, idling: Idling | undefined): Host {
  const scopes = new WeakMap<PlatformRequest, Scope>()
  const scopeOf = (request: PlatformRequest): Scope => {
    const known = scopes.get(request)
    if (known) return known
    const scope = {
      endsAt: deadlineOf(request),
      track: (done: Promise<unknown>) => idling ?? request.waitUntil?.(done),
    }
    scopes.set(request, scope)
    return scope
  }
  return {
    ...defaultHost,
    scope: () => {
      const request = platformRequest()
      if (request) idling?.use(request)
      return requests.current ?? (request && scopeOf(request))
    },
    publish: (event, detail) => channelOf(event).publish(detail),
    subscribed: (event) => channelOf(event).hasSubscribers,
  }
}
