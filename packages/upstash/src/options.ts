import { ConfigError } from "@warmpool/core"
import { flag, fn, type OptionSpec, type OptionsOf, object, text } from "@warmpool/core/config"
import type { Fetch } from "./fetch-line.ts"

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

const HEADER = /^[\w!#$%&'*+.^`|~-]+:[\t -~]*$/

/** Who speaks in an error about options. */
export const WHERE = "upstashTransport"

/** Where the server is, and what it is told with every request. */
export function readUpstash({
  url = "",
  token,
  headers = {},
  readYourWrites,
}: OptionsOf<typeof upstashSpec>) {
  const address = url.trim().replace(/\/+$/, "")
  const told: Record<string, string> = {}
  // Checked here: an error of the runtime's own would show what it can't take, and Node's `Headers` takes long to load.
  for (const [name, value] of Object.entries(headers))
    if (HEADER.test(`${name}:${value}`)) told[name.toLowerCase()] = value
  if (
    !/^https?:\/\/[^\s@?#]+$/i.test(address) ||
    !/^[!-~]+$/.test(token ?? "") ||
    Object.keys(told).length < Object.keys(headers).length
  )
    throw new ConfigError(`${WHERE}: url takes https://host, and token and headers what a header takes`)
  told["authorization"] = `Bearer ${token}`
  told["content-type"] = "application/json"
  return { url: address, headers: told, syncToken: readYourWrites ? "" : undefined }
}
