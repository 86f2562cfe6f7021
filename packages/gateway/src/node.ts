export type { ServeOptions } from "./node/options.ts"
export { type ServedGateway, serveGateway } from "./node/server.ts"
