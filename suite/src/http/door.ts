import { afterAll, beforeAll } from "vitest"
import type { Front, TransportCase } from "../transports.ts"

/** Where a transport finds a server: itself, or what speaks for it, started and ended around the tests here. */
export function useDoor(transport: TransportCase, server: () => { readonly url: string }): () => string {
  let front: Front | undefined
  beforeAll(async () => {
    front = await transport.front?.(server().url)
  })
  afterAll(() => front?.close())
  return () => front?.url ?? server().url
}
