import { ioredisTransport } from "@warmpool/ioredis"
import { socketTransport } from "@warmpool/socket/node"
import { asUpstash, upstashTransport as overNode } from "@warmpool/upstash"
import { Redis } from "ioredis"
import { built } from "../exported.ts"
import { type Case, noClient, noObject, rows, SECRET, type Table } from "../row.ts"
import { WRONG_ENDPOINTS } from "./places.ts"

const CONFIG = "ConfigError"
const takesAnObject = /takes an object of options/
const url = "https://a.test"
/** What other conditions than Node's lead to. */
const { upstashTransport: overFetch } =
  await built<typeof import("@warmpool/upstash")>("upstash/dist/transport.js")

const noServer: Case = ["no server", {}, /there is no server: give url, host or path/]

const WRONG_UPSTASH: readonly Case[] = [
  ["nothing", {}, /url takes https:\/\/host, and token/],
  ["no token", { url }, /url takes https:\/\/host, and token/],
  ["a URL over TCP", { url: `redis://:${SECRET}@a`, token: SECRET }, /url takes https:\/\/host/],
  [
    "a URL with credentials",
    { url: `https://u:${SECRET}@a.test`, token: SECRET },
    /url takes https:\/\/host/,
  ],
  ["a token with a line break", { url, token: `${SECRET}\nx` }, /token and headers what a header takes/],
  [
    "a header with a line break",
    { url, token: SECRET, headers: { a: `${SECRET}\n` } },
    /headers what a header takes/,
  ],
  ["an option misspelt", { url, token: SECRET, header: {} }, /unknown option header: did you mean headers\?/],
  ["headers that are an array", { url, token: SECRET, headers: [SECRET] }, /headers takes an object/],
  ["a fetch that is none", { url, token: SECRET, fetch: {} }, /fetch takes a function/],
  ["a word for true", { url, token: SECRET, readYourWrites: "yes" }, /readYourWrites takes true or false/],
]

const sentinels = [{ host: "a" }]

export const transports: Table = {
  "socket/node socketTransport": [
    ...noObject(CONFIG, socketTransport, takesAnObject),
    ...rows(CONFIG, socketTransport, [
      ...WRONG_ENDPOINTS,
      noServer,
      ["an option misspelt", { hots: "a" }, /socketTransport: unknown option hots: did you mean host\?/],
      [
        "two ways to sign in",
        { host: "a", password: SECRET, credentials: async () => ({}) },
        /credentials and password contradict/,
      ],
      ["a user without a password", { host: "a", username: SECRET }, /a username and no password: give both/],
      [
        "credentials that are no function",
        { host: "a", credentials: { password: SECRET } },
        /credentials takes a function/,
      ],
      [
        "a name with a space",
        { host: "a", name: `${SECRET} x` },
        /name has a character that no server takes: use ASCII/,
      ],
      [
        "an option of TLS misspelt",
        { host: "a", tls: { caa: SECRET } },
        /tls: unknown option caa: did you mean ca\?/,
      ],
      ["a key that is an object", { host: "a", tls: { key: { pem: SECRET } } }, /tls: key takes PEM/],
      ["a version of others", { host: "a", tls: { minVersion: "TLSv1" } }, /tls: minVersion takes "TLSv1.2"/],
    ]),
  ],
  "ioredis/index ioredisTransport": [
    ...rows(CONFIG, ioredisTransport, [
      ...WRONG_ENDPOINTS,
      noServer,
      ["nothing", undefined, /there is no server: give url, host or path/],
      ["null", null, /takes an object of options/],
      ["a function", () => SECRET, /takes an object of options/],
      ["an array", [SECRET], /it takes no array: for a cluster give { cluster: \[\.\.\.\] }/],
      ["a text that is no URL", SECRET, /the URL is malformed; it takes/],
      ["an option misspelt", { hots: "a" }, /unknown option hots: did you mean host\?/],
      ["a family of others", { host: "a", family: 5 }, /family takes 4 or 6/],
      [
        "sentinels and a URL",
        { sentinels, name: "m", url: `redis://:${SECRET}@a` },
        /sentinels and url contradict: keep one/,
      ],
      ["sentinels without a name", { sentinels }, /sentinels need name/],
      [
        "no sentinels",
        { sentinels: [], name: "m" },
        /sentinels takes an array of { host, port }, at least one/,
      ],
      [
        "a sentinel that is a URL",
        { sentinels: [SECRET], name: "m" },
        /has a string in its list; it takes { host, port }/,
      ],
      [
        "a cluster without nodes",
        { cluster: [] },
        /cluster takes an array of URLs or { host, port }, at least one/,
      ],
      ["a cluster that is a URL", { cluster: `redis://:${SECRET}@a` }, /cluster/],
      [
        "a cluster and a host",
        { cluster: ["redis://a"], host: "a" },
        /cluster and host contradict: keep one/,
      ],
      [
        "a cluster with a database",
        { cluster: ["redis://a"], database: 1 },
        /database takes .*0: a cluster has no databases/,
      ],
      [
        "a client with a prefix",
        new Redis({ lazyConnect: true, keyPrefix: SECRET }),
        /the client has a keyPrefix: give keyPrefix to createRedis/,
      ],
    ]),
  ],
  "upstash/node/transport upstashTransport": [
    ...noObject(CONFIG, overNode, takesAnObject),
    ...rows(CONFIG, overNode, WRONG_UPSTASH),
  ],
  "upstash/transport upstashTransport": [
    ...noObject(CONFIG, overFetch, takesAnObject),
    ...rows(CONFIG, overFetch, WRONG_UPSTASH),
  ],
  "UpstashTransport syncToken": rows(
    "ArgumentError",
    (token) => {
      overNode({ url, token: SECRET }).syncToken = token
    },
    [
      ["nothing", undefined, /syncToken takes another transport's/],
      ["a line break", `${SECRET}\n`, /syncToken takes another transport's/],
    ],
  ),
  "upstash/node asUpstash": noClient("ArgumentError", asUpstash, /takes a client of createRedis/),
}
