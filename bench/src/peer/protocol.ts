import type { ClientName } from "../clients/open-client.ts"
import type { Jobs } from "./jobs.ts"

/** Which client a process is to hold, and of which server. */
export interface Birth {
  readonly client: ClientName
  readonly url: string
}

/** What a process is told to do. */
export interface Order {
  readonly id: number
  readonly job: keyof Jobs
  readonly details: unknown
}

/** What it answers: first that it is up, then once for each order. */
export type Answer =
  | { readonly ready: true }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
