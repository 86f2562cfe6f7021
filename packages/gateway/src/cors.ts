import { HERE } from "./answers.ts"
import type { Answer, Exchange } from "./exchange.ts"
import type { Cors } from "./options.ts"

const SENT =
  "authorization, cache-control, content-type, upstash-encoding, upstash-response-format, upstash-sync-token, warmpool-arguments"
const SHOWN =
  "upstash-sync-token, warmpool-gateway, warmpool-not-run, warmpool-unsent, warmpool-unknown, retry-after"

/** Answers a browser that asks before it sends. */
export function preflight(cors: Cors, exchange: Exchange): Answer {
  if (!isAllowed(cors, exchange.header("origin"))) return { status: 403, headers: HERE, body: "" }
  const asked = exchange.header("access-control-request-headers")
  const telemetry = asked?.split(",").filter((name) => /^\s*upstash-telemetry-[a-z]+\s*$/i.test(name)) ?? []
  const headers = {
    ...HERE,
    "access-control-allow-methods": "GET, HEAD, POST, PUT",
    "access-control-allow-headers": [SENT, ...telemetry].join(", "),
    "access-control-max-age": String(cors.maxAgeSeconds),
  }
  return { status: 204, headers, body: "" }
}

/** Lets a browser show an answer to the page that asked. */
export function allowOrigin(cors: Cors, exchange: Exchange, answer: Answer): Answer {
  const origin = exchange.header("origin")
  const vary = cors.origins === "*" ? {} : { vary: "origin" }
  if (origin === undefined || !isAllowed(cors, origin))
    return { ...answer, headers: { ...answer.headers, ...vary } }
  const allowed = cors.origins === "*" ? "*" : origin
  const own = { "access-control-allow-origin": allowed, "access-control-expose-headers": SHOWN, ...vary }
  return { ...answer, headers: { ...answer.headers, ...own } }
}

function isAllowed({ origins }: Cors, origin: string | undefined): boolean {
  return origins === "*" || (origin !== undefined && origins.has(origin))
}
