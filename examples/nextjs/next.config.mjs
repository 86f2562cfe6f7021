import { fileURLToPath } from "node:url"

// Where this repository's packages are; an app that is a repository of its own needs neither option.
const root = fileURLToPath(new URL("../..", import.meta.url))

/** @type {import("next").NextConfig} */
export default {
  cacheHandler: fileURLToPath(import.meta.resolve("@warmpool/vercel/next-cache")),
  // What is cached lives in Redis, for all instances, and not beside it in each one's memory.
  cacheMaxMemorySize: 0,
  outputFileTracingRoot: root,
  turbopack: { root },
}
