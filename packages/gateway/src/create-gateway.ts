import { ArgumentError } from "@warmpool/core"
import { Hono } from "hono"
import { webCodec } from "./codec.ts"
import { answerRequest } from "./fetch.ts"
import { Gateway } from "./gateway.ts"
import type { Tokens } from "./grants.ts"
import { type GatewayOptions, readSettings } from "./options.ts"

/** A gateway behind a standard `fetch`. */
export interface FetchGateway {
  fetch(request: Request): Promise<Response>
  /**
   * From now on other tokens count; requests under way go on, event streams of tokens that are gone end.
   *
   * @throws ConfigError for tokens that are wrong; the old ones count on then.
   */
  replaceTokens(tokens: Tokens): Promise<void>
  /** Ends event streams and resolves when no request is under way. The client stays open. */
  drain(): Promise<void>
}

/**
 * Puts Upstash's REST protocol in front of a client.
 *
 * @throws ConfigError naming an option that is wrong.
 */
export function createGateway(options: GatewayOptions): FetchGateway {
  const gateway = new Gateway(readSettings("createGateway", options), webCodec)
  const app = new Hono()
  app.all("*", ({ req }) => answerRequest(gateway, req.raw))
  return {
    fetch: async (request) => {
      if (typeof request?.url !== "string")
        throw new ArgumentError("fetch takes a Request: fetch(new Request(url))")
      return app.fetch(request)
    },
    replaceTokens: (tokens) => gateway.replaceTokens(tokens),
    drain: () => gateway.drain(),
  }
}
