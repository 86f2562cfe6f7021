export { asUpstash } from "./as-upstash.ts"
export * from "./node/transport.ts"
