/** What a frozen process is told to do. */
export interface Order {
  readonly id: number
  readonly name: string
  readonly args: readonly string[]
  readonly timeoutMs?: number
}

/** How one command ended, as the process itself saw it. */
export interface Outcome {
  readonly id: number
  readonly reply?: unknown
  readonly error?: { readonly name: string; readonly message: string; readonly fate: string | undefined }
  /** From the call until it settled, ms. */
  readonly ms: number
}

/** From the process: it is up, a command is written, a command has settled. */
export type Report =
  | { readonly ready: true }
  | { readonly written: number }
  | { readonly outcome: Outcome }
  | { readonly stats: unknown }

/** How to make the client in the process. */
export interface Birth {
  /** A transport of `transports.ts`, or `ioredis defaults` for the client to compare with. */
  readonly client: string
  readonly url: string
  readonly options: Readonly<Record<string, unknown>>
}
