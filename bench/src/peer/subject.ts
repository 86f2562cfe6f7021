import type { BenchClient } from "../clients/bench-client.ts"
import type { ClientName } from "../clients/open-client.ts"

/** The client that a process holds, and how to open another. */
export interface Subject {
  readonly client: BenchClient
  readonly name: ClientName
  readonly url: string
}
