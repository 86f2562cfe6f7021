import { type Channel, channel } from "node:diagnostics_channel"
import { defaultHost, type Host } from "@warmpool/core"
import type { Invocations } from "./invocations.ts"

const channels = new Map<string, Channel>()

function channelOf(event: string): Channel {
  const known = channels.get(event)
  if (known) return known
  const made = channel(`warmpool:${event}`)
  channels.set(event, made)
  return made
}

/** Node's own event loop, the current invocation, and events on the channels `warmpool:<event>`. */
export function lambdaHost(invocations: Invocations): Host {
  return {
    ...defaultHost,
    scope: () => invocations.current,
    publish: (event, detail) => channelOf(event).publish(detail),
    subscribed: (event) => channelOf(event).hasSubscribers,
  }
}
