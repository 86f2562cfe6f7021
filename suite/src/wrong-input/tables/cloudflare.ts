import * as all from "@warmpool/cloudflare"
import * as binding from "@warmpool/cloudflare/binding"
import * as http from "@warmpool/cloudflare/http"
import * as tcp from "@warmpool/cloudflare/tcp"
import { socketTransport } from "@warmpool/socket/workerd"
import { type Case, noClient, noObject, rows, SECRET, type Table } from "../row.ts"
import { wrongCommon } from "./limits.ts"
import { WRONG_ENDPOINTS, WRONG_URLS } from "./places.ts"

/** Rows that run inside workerd: these entries import its own modules. */

const CONFIG = "ConfigError"
const takesAnObject = /takes an object of options/
const worker = { fetch: () => new Response() }
const ctx = { waitUntil: () => undefined }
const transport = { connect: async () => undefined, traits: {} }
const service = { exchange() {}, open() {}, listen() {} }
const overTcp = { url: `redis://:${SECRET}@a` }
const rest = { url: "https://a.test", token: SECRET }

type Entry = {
  readonly withRedis: (worker: never, options: never) => unknown
  readonly bindRedis: (env: never, ctx: never, options: never) => unknown
}

/** An entry's own wrong options, those that show when its `env` is read, and what that lacks. */
function entry(
  name: string,
  given: unknown,
  { wrong, late = [], missing }: { wrong: readonly Case[]; late?: readonly Case[]; missing: RegExp },
): Table {
  const { withRedis, bindRedis } = given as Entry
  const wrap = (options: never) => withRedis(worker as never, options)
  const bind = (options: never) => bindRedis({} as never, { ...ctx } as never, options)
  const takesAWorker =
    /withRedis takes a Worker: an object with fetch, scheduled, queue, email, tail, at least one of them/
  const common: readonly Case[] = [
    ...wrongCommon({}),
    ["a transport that is a URL", { transport: SECRET }, /transport takes an object/],
    ...wrong,
  ]
  const options = (call: (options: never) => unknown) => [
    ...noObject(CONFIG, call, takesAnObject).filter(({ wrong: what }) => what !== "a function"),
    ...rows(CONFIG, call, common),
  ]
  return {
    [`cloudflare/${name} withRedis`]: [
      ...rows(CONFIG, (given) => withRedis(given, undefined as never), [
        ["nothing", undefined, takesAWorker],
        ["null", null, takesAWorker],
        ["no handlers", {}, takesAWorker],
        ["a handler that is none", { fetch: SECRET }, takesAWorker],
        ["a function", () => SECRET, takesAWorker],
        ["an array", [worker], takesAWorker],
      ]),
      ...options(wrap),
    ],
    [`cloudflare/${name} bindRedis`]: [
      ...options(bind),
      ...rows(CONFIG, bind, late),
      ...rows(CONFIG, (make) => bind(make), [
        ["a function that gives nothing right", () => SECRET, takesAnObject],
        ["a function that gives null", () => null, takesAnObject],
      ]),
      ...rows(CONFIG, (wrongCtx) => bindRedis({} as never, wrongCtx, undefined as never), [
        ["no ctx", undefined, /ctx is not the context of a handler or a Durable Object/],
        ["null for ctx", null, /ctx is not the context/],
        ["an object for ctx", { waitUntil: SECRET }, /ctx is not the context/],
      ]),
      ...rows(CONFIG, (env) => bindRedis(env, { ...ctx } as never, undefined as never), [
        ["an env without a server", {}, missing],
        ["no env", undefined, missing],
        ["null for env", null, missing],
      ]),
    ],
  }
}

const wrongHttp: readonly Case[] = [
  ["a token that is an object", { ...rest, token: {} }, /token takes a string/],
  ["a URL that is an object", { url: {}, token: SECRET }, /url takes a string/],
  ["a transport and a URL", { ...rest, transport }, /transport says where the server is: leave out url/],
]

const wrongTcp: readonly Case[] = [
  ["a name that is a number", { name: 5 }, /name takes a string/],
  ["a transport and a name", { transport, name: "n" }, /transport says where the server is: leave out name/],
]

export const cloudflare: Table = {
  ...entry("index", all, {
    missing:
      /env says of no server: bind the pool.*; or set UPSTASH_REDIS_REST_URL.*; or set the secret REDIS_URL/,
    wrong: [
      ...wrongHttp,
      ...wrongTcp,
      ["more connections than a Worker opens", { max: 6 }, /max takes a whole number from 1 to 5/],
      ["a way of others", { way: SECRET }, /way takes "binding" or "http" or "tcp"/],
      [
        "a way and a binding",
        { binding: service, way: "http" },
        /binding says where the server is: leave out way/,
      ],
      [
        "a binding and a URL",
        { ...rest, binding: service },
        /binding says where the server is: leave out url/,
      ],
      ["a binding that is a name", { binding: "REDIS" }, /binding takes an object/],
    ],
    late: [
      ["a name over HTTP", { ...rest, name: "n" }, /name has no meaning over HTTP: leave it out/],
      ["a URL over HTTP for TCP", { url: rest.url, way: "tcp" }, /https: is for upstashTransport/],
      ["a URL over TCP for HTTP", { ...overTcp, way: "http" }, /url is for another way/],
      ["a URL for the pool", { ...overTcp, way: "binding" }, /url is for another way/],
      ["a URL without a token", { url: rest.url }, /a url for HTTP and no token beside it: set both/],
      [
        "a token over TCP",
        { ...overTcp, token: SECRET },
        /token goes with an https: url: over TCP it is the password/,
      ],
      ...WRONG_URLS.map(([what, url, says]): Case => [what, { url }, says]),
    ],
  }),
  ...entry("http", http, {
    missing: /env says of no server: set UPSTASH_REDIS_REST_URL/,
    wrong: [...wrongHttp, ["a limit of a pool", { max: 1 }, /unknown option max/]],
    late: [
      ["a URL over TCP", overTcp, /url is for another way/],
      ["a URL without a token", { url: rest.url }, /a url for HTTP and no token beside it: set both/],
    ],
  }),
  ...entry("tcp", tcp, {
    missing: /env says of no server: set the secret REDIS_URL/,
    wrong: [...wrongTcp, ["a token", { token: SECRET }, /unknown option token/]],
    late: WRONG_URLS.map(([what, url, says]): Case => [what, { url }, says]),
  }),
  ...entry("binding", binding, {
    missing: /env says of no server: bind the pool/,
    wrong: [["a URL", { url: rest.url }, /unknown option url/]],
  }),
  "cloudflare/index fateOf": noClient(
    "ArgumentError",
    all.fateOf,
    /fateOf takes the promise that the command returned/,
  ),
  "socket/workerd socketTransport": [
    ...noObject(CONFIG, socketTransport, takesAnObject),
    ...rows(CONFIG, socketTransport, [
      ...WRONG_ENDPOINTS.filter(([what]) => !what.startsWith("a path") && !what.startsWith("TLS")),
      ["no server", {}, /there is no server: give url, host or path/],
      ["an option misspelt", { hots: "a" }, /unknown option hots: did you mean host\?/],
      ["a path", { path: "/x.sock" }, /workerd has no Unix sockets: leave out path/],
      ["certificates", { host: "a", tls: { ca: SECRET } }, /tls/],
    ]),
  ],
}
