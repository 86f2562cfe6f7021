export * from "./endpoint.ts"
export * from "./nearest.ts"
export * from "./options.ts"
export * from "./redis-url.ts"
