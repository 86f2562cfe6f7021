import { createRedis, type Redis } from "@warmpool/core"
import { type ServeOptions, serveGateway } from "@warmpool/gateway/node"
import { socketTransport } from "@warmpool/socket"
import { type Command, type Surroundings, UsageError } from "./command.ts"
import { type Flags, numberOf, readFlags, textOf, wholeNumber } from "./flags.ts"

const flags = {
  host: { type: "string" },
  port: { type: "string" },
  "tokens-file": { type: "string" },
  "pool-max": { type: "string" },
  "max-body-bytes": { type: "string" },
  "max-concurrent": { type: "string" },
  "max-connections": { type: "string" },
  cors: { type: "string" },
  metrics: { type: "string" },
  head: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

const USAGE = `warmpool gateway: an Upstash-compatible REST server in front of any Redis

  REDIS_URL=redis://127.0.0.1:6379 WARMPOOL_TOKENS=… npx warmpool gateway

flags
  --host <address>        where to listen; 127.0.0.1, or HOST
  --port <number>         8787, or PORT; 0 takes a free one
  --tokens-file <path>    tokens, read again when the file changes; or WARMPOOL_TOKENS_FILE
  --pool-max <number>     most connections to Redis; 5
  --max-body-bytes <n>    most bytes of a request; 10485760
  --max-concurrent <n>    most requests at once; 1000
  --max-connections <n>   most connections of clients; 10000
  --cors <origins>        origins of pages that may call it, with commas between them, or *
  --metrics <who>         off, token or open: who may read /metrics; off
  --head                  answer HEAD as GET without its body

environment
  REDIS_URL               where Redis is; secrets stand here and not on the command line
  WARMPOOL_TOKENS         tokens with spaces between them, or a JSON array of
                          {"token", "access", "prefix", "commands", "user"}`

/** `warmpool gateway` */
export const gateway: Command = {
  name: "gateway",
  summary: "serve Upstash's REST protocol in front of any Redis",
  usage: USAGE,
  async run(args, surroundings) {
    const given = readFlags("gateway", args, flags)
    if (given["help"]) {
      surroundings.say(USAGE)
      return
    }
    const url = surroundings.env["REDIS_URL"]
    if (!url) throw new UsageError("gateway: set REDIS_URL to where Redis is, such as redis://127.0.0.1:6379")
    const open = (address: string): Redis =>
      createRedis({ transport: socketTransport({ url: address }), ...poolOf(given) })
    const redis = open(url)
    const served = await serveGateway({
      ...optionsOf(given, surroundings),
      redis,
      openRedis: ({ username, password }) => open(withUser(url, username, password)),
      health: true,
      signals: ["SIGTERM", "SIGINT"],
      onError: (error) =>
        surroundings.warn(`warmpool gateway: ${error instanceof Error ? error.message : error}`),
    })
    surroundings.say(`warmpool gateway listens on ${served.url}`)
    await redis
      .prewarm()
      .catch((error: Error) => surroundings.warn(`Redis does not answer yet: ${error.message}`))
  },
}

function optionsOf(given: Flags, { env }: Surroundings): Omit<ServeOptions, "redis"> {
  const cors = textOf(given, "cors")
  const metrics = textOf(given, "metrics")
  return {
    ...tokensOf(given, env),
    host: textOf(given, "host") ?? (env["HOST"] || undefined),
    port: numberOf(given, "port") ?? wholeNumber("PORT", env["PORT"] || undefined),
    maxBodyBytes: numberOf(given, "max-body-bytes"),
    maxConcurrent: numberOf(given, "max-concurrent"),
    maxConnections: numberOf(given, "max-connections"),
    head: given["head"] === true,
    cors:
      cors === undefined
        ? undefined
        : { origins: cors === "*" ? cors : cors.split(",").map((one) => one.trim()) },
    // Checked where all options are.
    metrics: metrics as ServeOptions["metrics"],
  }
}

function tokensOf(given: Flags, env: Surroundings["env"]): Pick<ServeOptions, "tokens" | "tokensFile"> {
  const tokensFile = textOf(given, "tokens-file") ?? (env["WARMPOOL_TOKENS_FILE"] || undefined)
  const tokens = env["WARMPOOL_TOKENS"] || undefined
  if (tokens === undefined && tokensFile === undefined)
    throw new UsageError(
      "gateway: set WARMPOOL_TOKENS, or --tokens-file: without a token nobody could use it",
    )
  return { tokens, tokensFile }
}

function poolOf(given: Flags): { readonly max?: number } {
  const max = numberOf(given, "pool-max")
  return max === undefined ? {} : { max }
}

/** The same server, as another user. */
function withUser(url: string, username: string, password: string): string {
  const [scheme = "", rest = ""] = url.split("://")
  const place = rest.slice(rest.lastIndexOf("@", authorityEnd(rest)) + 1)
  return `${scheme}://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${place}`
}

function authorityEnd(rest: string): number {
  const slash = rest.indexOf("/")
  return slash < 0 ? rest.length : slash
}
