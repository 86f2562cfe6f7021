export { createGateway, type FetchGateway } from "./create-gateway.ts"
export type { AclUser, TokenOptions, Tokens } from "./grants.ts"
export type { CorsOptions, GatewayOptions } from "./options.ts"
