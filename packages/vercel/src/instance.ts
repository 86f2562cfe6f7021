import { AsyncLocalStorage } from "node:async_hooks"
import type { HoldingScope } from "@warmpool/core/scope"
import { Clients } from "./clients.ts"
import { Requests } from "./requests.ts"
import { Shutdown } from "./shutdown.ts"

/** What all copies of this package in one process share: Next bundles several, and hot reloads run them again. */
export interface Instance {
  readonly clients: Clients
  readonly requests: Requests<HoldingScope>
  readonly shutdown: Shutdown
}

/** The number changes with the shape of `Instance`: two versions of this package may meet. */
const INSTANCE = Symbol.for("@warmpool/vercel/1")

/** The one of this process. */
export function theInstance(): Instance {
  const known: Instance | undefined = Reflect.get(globalThis, INSTANCE)
  if (known) return known
  const made = {
    clients: new Clients(),
    requests: new Requests(new AsyncLocalStorage<HoldingScope>()),
    shutdown: new Shutdown(),
  }
  Reflect.set(globalThis, INSTANCE, made)
  return made
}
