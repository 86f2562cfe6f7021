import { createRedis as createCore } from "@warmpool/core"
import { FakeTransport } from "@warmpool/core/testing"
import * as edge from "@warmpool/vercel/edge"
import { nextCache } from "@warmpool/vercel/next-cache"
import { nextUseCache } from "@warmpool/vercel/next-use-cache"
import * as node from "@warmpool/vercel/node"
import { noClient, noObject, rows, SECRET, type Table } from "../row.ts"
import { wrongCommon, wrongLimits } from "./limits.ts"
import { WRONG_ENDPOINTS } from "./places.ts"

const CONFIG = "ConfigError"
const takesAnObject = /takes an object of options/
const transport = new FakeTransport()
const redis = createCore({ transport })
const rest = { url: "https://a.test", token: SECRET }

function wrapping(withRedis: typeof node.withRedis): Table[string] {
  const handler = async (): Promise<number> => 1
  return [
    ...noClient(
      CONFIG,
      (client) => withRedis(client, handler),
      /the first argument is the client: withRedis\(redis, handler\)/,
    ),
    ...noClient(
      CONFIG,
      (given) => withRedis(redis, given as never),
      /the second argument is the handler: a function, or an object with fetch/,
    ).filter(({ wrong }) => wrong !== "a function"),
    ...noObject(
      CONFIG,
      (options) => withRedis(redis, handler, options),
      /withRedis takes an object of options/,
    ),
    ...rows(CONFIG, (options) => withRedis(redis, handler, options), [
      ["an option misspelt", { maxduration: 5 }, /unknown option maxduration: did you mean maxDuration\?/],
      ["no time", { maxDuration: 0 }, /maxDuration takes a number of seconds above 0/],
      ["time as text", { maxDuration: SECRET }, /maxDuration takes a number of seconds/],
    ]),
  ]
}

function caching(where: string, make: (options: never) => unknown): Table[string] {
  return [
    ...noObject(CONFIG, make, takesAnObject),
    ...rows(CONFIG, make, [
      [
        "an option misspelt",
        { prefx: SECRET },
        new RegExp(`${where}: unknown option prefx: did you mean prefix\\?`),
      ],
      [
        "a client that is none",
        { redis: { url: SECRET } },
        new RegExp(`${where}: redis is no client: pass what createRedis gives`),
      ],
      ["a client that is a URL", { redis: SECRET }, new RegExp(`${where}: redis takes an object`)],
      ["a prefix that is a number", { prefix: 5 }, new RegExp(`${where}: prefix takes a string`)],
    ]),
  ]
}

export const vercel: Table = {
  "vercel/node createRedis": [
    ...noObject(CONFIG, node.createRedis, takesAnObject),
    ...rows(CONFIG, node.createRedis, [
      ...WRONG_ENDPOINTS,
      ...wrongLimits({}),
      [
        "a token over TCP",
        { url: "redis://a", token: SECRET },
        /token goes with an https: url: over TCP it is the password/,
      ],
      ["a URL over HTTP alone", { url: "https://a.test" }, /url is over HTTP: pass its token, too/],
      ["a name over HTTP", { ...rest, name: "n" }, /name has no meaning over HTTP: leave it out/],
      [
        "a transport and a URL",
        { ...rest, transport },
        /transport already says where the server is: leave out url/,
      ],
      ["a word of others", { onIdle: SECRET }, /onIdle takes "close" or "surplus" or "keep"/],
      ["no time to linger", { lingerMs: 0 }, /lingerMs takes a whole number/],
      ["a number for true", { closeOnShutdown: 1 }, /closeOnShutdown takes true or false/],
    ]),
    ...rows(CONFIG, (options) => node.createRedis(options).get(SECRET), [
      ["no server", {}, /there is no server to connect to: set REDIS_URL, or KV_URL/],
    ]),
  ],
  "vercel/node withRedis": wrapping(node.withRedis),
  "vercel/edge createRedis": [
    ...noObject(CONFIG, edge.createRedis, takesAnObject),
    ...rows(CONFIG, edge.createRedis, [
      ...wrongCommon({}),
      ["a URL without a token", { url: rest.url }, /url and token go together/],
      ["a token without a URL", { token: SECRET }, /url and token go together/],
      ["a URL over TCP", { url: `redis://:${SECRET}@a`, token: SECRET }, /url takes https:\/\/host/],
      ["a transport and a URL", { ...rest, transport }, /transport is in place of both/],
      ["a limit of a pool", { max: 5 }, /unknown option max/],
    ]),
    ...rows(CONFIG, (options) => edge.createRedis(options).get(SECRET), [
      [
        "no server",
        {},
        /there is no server to connect to: set UPSTASH_REDIS_REST_URL with UPSTASH_REDIS_REST_TOKEN/,
      ],
    ]),
  ],
  "vercel/edge withRedis": wrapping(edge.withRedis),
  "vercel/next-cache nextCache": caching("nextCache", nextCache),
  "vercel/next-use-cache nextUseCache": caching("nextUseCache", nextUseCache),
}
