export { asUpstash } from "./as-upstash.ts"
export * from "./transport.ts"
