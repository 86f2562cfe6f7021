export type { IoredisOptions } from "./target.ts"
export { ioredisTransport } from "./transport.ts"
