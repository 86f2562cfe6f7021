import { createRedis as createCore, type Redis } from "@warmpool/core"
import { FakeTransport } from "@warmpool/core/testing"
import { createRedis, withRedis } from "@warmpool/lambda"
import { createRedis as createCluster } from "@warmpool/lambda/cluster"
import { withRedis as middleware } from "@warmpool/lambda/middy"
import { instrumentRedis } from "@warmpool/lambda/otel"
import { asCacheClient } from "@warmpool/lambda/powertools"
import { createWarmer } from "@warmpool/lambda/warmer"
import { noClient, noObject, rows, SECRET, type Table } from "../row.ts"
import { wrongLimits } from "./limits.ts"
import { WRONG_ENDPOINTS } from "./places.ts"

const CONFIG = "ConfigError"
const ARGUMENT = "ArgumentError"
const takesAnObject = /takes an object of options/
const transport = new FakeTransport()
const redis: Redis = createCore({ transport })
const place = { url: `redis://:${SECRET}@a` }

export const lambda: Table = {
  "lambda/index createRedis": [
    ...noObject(CONFIG, createRedis, takesAnObject),
    ...rows(CONFIG, createRedis, [
      ...WRONG_ENDPOINTS,
      ...wrongLimits(place),
      [
        "no server",
        {},
        /there is no server to connect to: set the environment variable REDIS_URL.*, or pass url/,
      ],
      ["a word for true", { ...place, prewarm: "yes" }, /prewarm takes true or false/],
      [
        "a number for true",
        { ...place, closeOnShutdown: 1 },
        /closeOnShutdown is 1|closeOnShutdown takes true or false/,
      ],
      [
        "a transport and a URL",
        { ...place, transport },
        /transport already says where the server is: leave out url/,
      ],
      [
        "a transport and a password",
        { transport, password: SECRET },
        /transport already says .*: leave out password/,
      ],
      ["a transport that is none", { transport: { url: SECRET } }, /transport takes what socketTransport/],
    ]),
  ],
  "lambda/index withRedis": [
    ...noClient(
      CONFIG,
      (client) => withRedis(client, async () => 1),
      /the first argument is the client: withRedis\(createRedis\(\), handler\)/,
    ),
    ...noClient(
      CONFIG,
      (handler) => withRedis(redis, handler as never),
      /the second argument is the handler, a function; it got/,
    ).filter(({ wrong }) => wrong !== "a function"),
  ],
  "lambda/cluster createRedis": [
    ...noObject(CONFIG, createCluster, takesAnObject),
    ...rows(CONFIG, createCluster, [
      ...wrongLimits({ cluster: ["redis://a"] }),
      ["no cluster", {}, /there is no cluster to connect to: set the environment variable REDIS_URL/],
      ["a cluster and a URL", { ...place, cluster: ["redis://a"] }, /cluster and url contradict: keep one/],
      [
        "a cluster without nodes",
        { cluster: [] },
        /cluster takes an array of URLs or { host, port }, at least one/,
      ],
      ["a cluster of nulls", { cluster: [null] }, /cluster has null in its list; it takes { host, port }/],
      ["a password that is a number", { cluster: ["redis://a"], password: 5 }, /password takes a string/],
      ["a URL that is none", { url: `rediz://:${SECRET}@a` }, /the URL does not begin with/],
    ]),
  ],
  "lambda/middy withRedis": noClient(CONFIG, middleware, /the first argument is the client/),
  "lambda/otel instrumentRedis": noClient(
    CONFIG,
    instrumentRedis,
    /it takes the client: instrumentRedis\(createRedis\(\)\)/,
  ),
  "lambda/warmer createWarmer": [
    ...noObject(CONFIG, createWarmer, takesAnObject),
    ...rows(CONFIG, createWarmer, [
      ["no function", {}, /set the variable WARM_FUNCTION_NAME, or pass functionName/],
      [
        "an option misspelt",
        { functionname: "f" },
        /unknown option functionname: did you mean functionName\?/,
      ],
      ["no sandboxes", { functionName: "f", sandboxes: 0 }, /sandboxes takes a whole number from 1 to 1000/],
      ["a time as text", { functionName: "f", holdMs: "250" }, /holdMs takes a whole number/],
      ["a name that is an object", { functionName: {} }, /functionName takes a string/],
    ]),
  ],
  "lambda/powertools asCacheClient": noClient(
    CONFIG,
    asCacheClient,
    /it takes the client: asCacheClient\(createRedis\(\)\)/,
  ),
  "CacheClient get": rows(ARGUMENT, (name) => asCacheClient(redis).get(name), [
    ["a name that is an object", { a: SECRET }, /GET: argument 1 is of type Object: pass a string/],
  ]),
  "CacheClient set": [
    ...rows(ARGUMENT, (value) => asCacheClient(redis).set("k", value), [
      [
        "a value that is an object",
        { a: SECRET },
        /set: the value is neither a string nor bytes: serialise it first/,
      ],
      ["no value", undefined, /set: the value is neither/],
    ]),
    ...rows(ARGUMENT, (options) => asCacheClient(redis).set("k", SECRET, options), [
      [
        "an option of others",
        { PX: 5 },
        /set: PX has no place here: it takes EX, a number of seconds, and NX, true/,
      ],
      ["a time as text", { EX: SECRET }, /set: EX has no place here: it takes EX, a number/],
    ]),
  ],
  "CacheClient del": rows(ARGUMENT, (keys) => asCacheClient(redis).del(keys), [
    ["an object among keys", [{ a: SECRET }], /DEL: argument 1 is of type Object: pass a string/],
    ["a function", () => SECRET, /DEL: argument 1 is of type Function/],
  ]),
}

/** Whose methods the table must have. */
export const cacheClient = asCacheClient(redis)
