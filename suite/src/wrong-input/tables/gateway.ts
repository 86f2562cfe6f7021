import { createRedis } from "@warmpool/core"
import { FakeTransport } from "@warmpool/core/testing"
import { createGateway } from "@warmpool/gateway"
import { gatewayHandler, streamingHandler } from "@warmpool/gateway/lambda"
import { serveGateway } from "@warmpool/gateway/node"
import { type Case, noObject, rows, SECRET, type Table } from "../row.ts"

const CONFIG = "ConfigError"
const takesAnObject = /takes an object of options/
const redis = createRedis({ transport: new FakeTransport() })
const given = { redis, tokens: SECRET }

const wrongTokens: readonly Case[] = [
  ["no tokens", [], /tokens is empty: nobody could use the gateway/],
  ["an empty text", "", /tokens is empty/],
  ["a short token", ["s3cret"], /tokens\[0\]: a token has at least 8 characters/],
  ["a token with a space", [`${SECRET} x`], /tokens\[0\]: a token has .* ASCII without spaces/],
  ["the same twice", [SECRET, SECRET], /tokens: two are the same/],
  ["null among tokens", [null], /tokens\[0\] takes an object of options/],
  ["a token without its text", [{ access: "full" }], /tokens\[0\]: token is missing/],
  [
    "an option misspelt",
    [{ token: SECRET, acess: "full" }],
    /tokens\[0\]: unknown option acess: did you mean access\?/,
  ],
  [
    "an access of others",
    [{ token: SECRET, access: SECRET }],
    /tokens\[0\]: access takes "full" or "read-only"/,
  ],
  [
    "commands that are a text",
    [{ token: SECRET, commands: "get" }],
    /tokens\[0\]: commands takes an array of command names/,
  ],
  [
    "a user without a password",
    [{ token: SECRET, user: { username: SECRET } }],
    /tokens\[0\]: user takes a username and a password/,
  ],
  ["JSON that is none", `[{"token":"${SECRET}"`, /tokens begins like JSON and is none/],
]

const wrong: readonly Case[] = [
  ["no client", { tokens: SECRET }, /the option redis is missing: pass a client of createRedis/],
  [
    "a client that is none",
    { tokens: SECRET, redis: { url: SECRET } },
    /redis is no client: pass what createRedis gives/,
  ],
  ["a client that is a URL", { tokens: SECRET, redis: SECRET }, /redis takes an object/],
  ["tokens that are a number", { redis, tokens: 12_345_678 }, /tokens takes a string or an array/],
  ...wrongTokens.map(([what, tokens, says]): Case => [`tokens: ${what}`, { redis, tokens }, says]),
  [
    "a user and nobody to open for it",
    { redis, tokens: [{ token: SECRET, user: { username: "u", password: SECRET } }] },
    /a token has a user: pass openRedis/,
  ],
  [
    "an option misspelt",
    { ...given, maxBodyByte: 5 },
    /unknown option maxBodyByte: did you mean maxBodyBytes\?/,
  ],
  ["no bytes", { ...given, maxBodyBytes: 0 }, /maxBodyBytes takes a whole number/],
  ["a count as text", { ...given, maxConcurrent: "5" }, /maxConcurrent takes a whole number/],
  ["a word for true", { ...given, head: "yes" }, /head takes true or false/],
  ["a word of others", { ...given, metrics: SECRET }, /metrics takes "off" or "token" or "open"/],
  ["an object for a function", { ...given, onError: {} }, /onError takes a function/],
  [
    "origins that are none",
    { ...given, cors: { origins: 5 } },
    /cors: origins takes "\*" or an array of origins/,
  ],
  ["no origins", { ...given, cors: {} }, /cors: origins is missing: an array of origins, or "\*"/],
  ["cors that is true", { ...given, cors: true }, /cors takes an object/],
]

const noTokens: Case = [
  "no tokens at all",
  { redis },
  /the option tokens is missing: nobody could use the gateway/,
]

export const gateway: Table = {
  "gateway/index createGateway": [
    ...noObject(CONFIG, createGateway, takesAnObject),
    ...rows(CONFIG, createGateway, [...wrong, noTokens]),
  ],
  "FetchGateway replaceTokens": rows(CONFIG, (tokens) => createGateway(given).replaceTokens(tokens), [
    ...wrongTokens,
    ["nothing", undefined, /tokens takes an array of tokens, or a string/],
    ["an object", { token: SECRET }, /tokens takes an array of tokens, or a string/],
  ]),
  "FetchGateway fetch": rows("ArgumentError", (request) => createGateway(given).fetch(request), [
    ["a URL", `https://a.test/?_token=${SECRET}`, /fetch takes a Request/],
    ["nothing", undefined, /fetch takes a Request/],
  ]),
  "gateway/node serveGateway": [
    ...noObject(CONFIG, serveGateway, takesAnObject),
    ...rows(CONFIG, serveGateway, [
      ...wrong,
      ["no tokens at all", { redis }, /tokens/],
      ["tokens and a file of them", { ...given, tokensFile: "/nowhere" }, /tokens and tokensFile contradict/],
      ["a file that is not there", { redis, tokensFile: "/nowhere" }, /tokensFile can't be read: ENOENT/],
      ["a port too high", { ...given, port: 65_536 }, /port takes a whole number from 0 to 65535/],
      ["an empty host", { ...given, host: "" }, /host takes a string/],
      ["no time", { ...given, headersTimeoutMs: 0 }, /headersTimeoutMs takes/],
      [
        "a signal that is none",
        { ...given, signals: ["SIGFOO"] },
        /signals takes an array of signals such as SIGTERM/,
      ],
      ["a signal that no process is told", { ...given, signals: ["SIGKILL"] }, /signals takes/],
      ["a signal alone", { ...given, signals: "SIGTERM" }, /signals takes an array/],
    ]),
  ],
  "gateway/lambda gatewayHandler": [
    ...noObject(CONFIG, gatewayHandler, takesAnObject),
    ...rows(CONFIG, gatewayHandler, [...wrong, noTokens]),
  ],
  "gateway/lambda streamingHandler": [
    ...noObject(CONFIG, streamingHandler, takesAnObject),
    ...rows(CONFIG, streamingHandler, [...wrong, noTokens, ["a place that is not Lambda", given, /Lambda/]]),
  ],
}

/** Whose methods the table must have. */
export const fetchGateway = createGateway(given)
