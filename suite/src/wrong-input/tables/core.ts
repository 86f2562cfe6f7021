import { createRedis, fateOf, lazyRedis } from "@warmpool/core"
import {
  integer,
  parseClusterUrl,
  parseRedisUrl,
  readClusterNodes,
  readEndpoint,
  readNodeAddress,
  readOptions,
} from "@warmpool/core/config"
import { closeIdle, isOpen } from "@warmpool/core/idle"
import { laneOf } from "@warmpool/core/lane"
import { monitor } from "@warmpool/core/monitor"
import { createPortableRedis, lazyPortableRedis } from "@warmpool/core/portable"
import { FakeTransport } from "@warmpool/core/testing"
import { upstashTransport } from "@warmpool/upstash"
import { noClient, noObject, rows, SECRET, type Table } from "../row.ts"
import { wrongCommon, wrongLimits } from "./limits.ts"
import { WRONG_URLS } from "./places.ts"

const transport = new FakeTransport()
const http = upstashTransport({ url: "https://a.test", token: SECRET })
const CONFIG = "ConfigError"
const ARGUMENT = "ArgumentError"
const takesAnObject = /takes an object of options/
const isFunction = (name: string): RegExp => new RegExp(`${name} takes a function that gives the options`)
const lazily = async (redis: { ping(): Promise<unknown> }): Promise<unknown> => redis.ping()

export const core: Table = {
  "core/index createRedis": [
    ...noObject(CONFIG, createRedis, takesAnObject),
    ...rows(CONFIG, createRedis, [
      ...wrongLimits({ transport }),
      ["no transport", {}, /createRedis: transport takes what socketTransport or ioredisTransport gives/],
      ["a transport that is none", { transport: { url: SECRET } }, /transport takes what socketTransport/],
      [
        "a transport without traits",
        { transport: { connect() {}, traits: null } },
        /transport takes what socketTransport/,
      ],
      ["a transport that is a URL", { transport: SECRET }, /transport takes what socketTransport/],
      ["a host without a clock", { transport, host: {} }, /the option host lacks now\(\): leave host out/],
      ["a host that is a name", { transport, host: "localhost" }, /host takes an object/],
    ]),
  ],
  "core/index lazyRedis": [
    ...noClient(CONFIG, (options) => lazyRedis(options), isFunction("lazyRedis")).filter(
      ({ wrong }) => wrong !== "a function",
    ),
    ...rows(CONFIG, (options) => lazily(lazyRedis(() => options)), wrongLimits({ transport })),
  ],
  "core/portable createPortableRedis": [
    ...noObject(CONFIG, createPortableRedis, takesAnObject),
    ...rows(CONFIG, createPortableRedis, [
      ...wrongCommon({ transport: http }),
      ["a limit of a pool", { transport: http, max: 5 }, /unknown option max/],
      ["no transport", {}, /createPortableRedis: transport takes what upstashTransport gives/],
      ["a transport that keeps connections", { transport }, /createRedis takes others/],
    ]),
  ],
  "core/portable lazyPortableRedis": [
    ...noClient(CONFIG, (options) => lazyPortableRedis(options), isFunction("lazyPortableRedis")).filter(
      ({ wrong }) => wrong !== "a function",
    ),
    ...rows(CONFIG, (options) => lazily(lazyPortableRedis(() => options)), wrongCommon({ transport: http })),
  ],
  "core/index fateOf": noClient(
    ARGUMENT,
    fateOf,
    /fateOf takes the promise that the command returned, not its reply/,
  ),
  "core/raw-lane laneOf": noClient(ARGUMENT, laneOf, /laneOf takes a client of createRedis, or a lease/),
  "core/monitor monitor": [
    ...noClient(
      ARGUMENT,
      (redis) => monitor(redis, () => undefined),
      /monitor takes a client of createRedis/,
    ),
    ...noClient(
      ARGUMENT,
      (listener) => monitor(createRedis({ transport }), listener),
      /the listener is not a function/,
    ).filter(({ wrong }) => wrong !== "a function"),
  ],
  "core/close-idle closeIdle": [
    ...noClient(
      ARGUMENT,
      (redis) => closeIdle(redis, "all"),
      /takes a client of createRedis, not a lease or anything else/,
    ),
    ...rows(ARGUMENT, (which) => closeIdle(createRedis({ transport }), which), [
      ["another word", SECRET, /the second argument is "all" or "leased"/],
      ["no word", undefined, /the second argument is "all" or "leased"/],
    ]),
  ],
  "core/close-idle isOpen": noClient(ARGUMENT, isOpen, /takes a client of createRedis/),
  "core/config/index readOptions": [
    ...noObject(CONFIG, (given) => readOptions("here", { size: integer(1, 2) }, given), takesAnObject),
    ...rows(CONFIG, (given) => readOptions("here", { size: integer(1, 2) }, given), [
      ["a name misspelt", { siez: 1 }, /here: unknown option siez: did you mean size\?/],
      ["a value out of range", { size: 3 }, /here: size takes a whole number from 1 to 2/],
    ]),
  ],
  "core/config/index parseRedisUrl": rows(CONFIG, (url) => parseRedisUrl(url, "here"), [
    ...WRONG_URLS,
    ["null", null, /here: the URL is null; it takes a string like redis:/],
    ["an object", { url: SECRET }, /here: the URL is an object; it takes a string/],
  ]),
  "core/config/index readEndpoint": rows(CONFIG, (options) => readEndpoint("here", options), [
    ["no place", {}, /here: there is no server: give url, host or path/],
    ["two places", { url: "redis://a", host: "a" }, /here: url and host contradict: keep one/],
  ]),
  "core/config/index parseClusterUrl": rows(CONFIG, (url) => parseClusterUrl(url, "here"), [
    ["no cluster", `redis://u:${SECRET}@host`, /here: the URL is malformed; it takes redis\+cluster:/],
    ["no nodes", `redis+cluster://u:${SECRET}@`, /here: the URL is malformed/],
    [
      "a database",
      `redis+cluster://u:${SECRET}@a,b/1`,
      /here: a cluster has no databases: leave out the number/,
    ],
    ["a port too high", `redis+cluster://u:${SECRET}@a:70000`, /here: the URL is malformed/],
  ]),
  "core/config/index readClusterNodes": rows(CONFIG, (list) => readClusterNodes("here", list), [
    ["nothing", undefined, /cluster takes an array of URLs or { host, port }, at least one/],
    ["no nodes", [], /cluster takes an array/],
    [
      "a function among the nodes",
      [() => SECRET],
      /cluster has a function in its list; it takes { host, port }/,
    ],
    ["nodes that differ", [`redis://:${SECRET}@a`, "redis://b"], /the nodes of a cluster differ in password/],
  ]),
  "core/config/index readNodeAddress": rows(CONFIG, (node) => readNodeAddress("here", node, 1), [
    ["no object", SECRET, /here has a string in its list; it takes { host, port }/],
    ["no host", { port: 1 }, /here has a node without a host/],
    ["a name misspelt", { hots: "a" }, /here: unknown option hots: did you mean host\?/],
  ]),
}
