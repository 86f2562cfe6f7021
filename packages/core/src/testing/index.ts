export type { FakeConnection } from "./fake-connection.ts"
export { FakeHost } from "./fake-host.ts"
export { FakeTransport, type FakeTransportOptions } from "./fake-transport.ts"
