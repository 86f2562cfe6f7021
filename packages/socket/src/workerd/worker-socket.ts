/** A socket as workerd gives it, as far as it is used here. Source: Cloudflare's documentation of TCP sockets. */
export interface WorkerSocket {
  readonly opened: Promise<unknown>
  readonly closed: Promise<void>
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  close(): Promise<void>
}

/** `connect` of `cloudflare:sockets`, or of a binding to a private network. */
export type Connect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly secureTransport: "on" | "off"; readonly allowHalfOpen: boolean },
) => WorkerSocket
