import { ConfigError } from "@warmpool/core"
import { flag, fn, type OptionSpec, type OptionsOf, object, text } from "@warmpool/core/config"
import type { Fetch } from "./fetch-line.ts"
import { Server } from "./server.ts"

/** What `upstashTransport` takes on every platform. */
export interface UpstashOptions {
  /** The REST endpoint, `https:` or `http:`. Undefined, as an environment may have it, is a `ConfigError`. */
  readonly url: string | undefined
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined
  /** In place of the runtime's own. @defaultValue `fetch`; on Node a keep-alive agent of `node:http(s)` */
  readonly fetch?: Fetch | undefined
  /** Sent with every request. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether reads see the writes before them wherever they are answered: by sync tokens. @defaultValue true */
  readonly readYourWrites?: boolean | undefined
}

/** The spec of `UpstashOptions`. */
export const upstashSpec = {
  url: text(),
  token: text(),
  fetch: fn<Fetch>(),
  headers: object<Readonly<Record<string, string>>>(),
  readYourWrites: flag(true),
} satisfies OptionSpec

/** Who speaks in an error about options. */
export const WHERE = "upstashTransport"

/** Where the server is, and what it is told with every request. */
export function readUpstash({ url, token, headers, readYourWrites }: OptionsOf<typeof upstashSpec>) {
  return {
    url: readUrl(url),
    server: new Server(readHeaders(token, headers), readYourWrites ? "" : undefined),
  }
}

function readUrl(given = ""): string {
  const url = given.trim()
  // `URL` would show in its error what it can't read.
  if (/^https?:\/\/[^\s/@?#]+(?:\/[^\s@?#]*)?$/i.test(url)) return url.replace(/\/+$/, "")
  throw new ConfigError(`${WHERE}: url takes https://host, the token apart from it`)
}

function readHeaders(token: string | undefined, own: Readonly<Record<string, string>> = {}) {
  try {
    if (token)
      return Object.fromEntries(
        new Headers({ ...own, authorization: `Bearer ${token}`, "content-type": "application/json" }),
      )
  } catch {
    // Its error would show the value.
  }
  throw new ConfigError(`${WHERE}: token is missing, or it or headers hold what no header takes`)
}
