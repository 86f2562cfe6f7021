import {
  attachRedis,
  startCluster,
  startEdge,
  startFaultProxy,
  startFluid,
  startLambda,
  startRedis,
  startSentinel,
} from "@warmpool/local"
import { type Case, noObject, rows, SECRET, type Table } from "../row.ts"

const REDIS = "RedisOptionError"
const INSTANCE = "InstanceOptionError"
const LAMBDA = "LambdaOptionError"
const handler = new URL(import.meta.url)

const wrongArgs: readonly Case[] = [
  ["args that are a text", { args: `--requirepass ${SECRET}` }, /args must be an array of strings/],
  ["a number among args", { args: ["--maxclients", 10] }, /args must be an array of strings/],
  ["a password that is an object", { password: { SECRET } }, /password must be a string that is not empty/],
  ["an option misspelt", { pasword: SECRET }, /unknown option "pasword": did you mean "password"\?/],
]

const ofServers = (
  where: string,
  start: (options: never) => unknown,
  more: readonly Case[],
): Table[string] => [
  ...noObject(REDIS, start, new RegExp(`${where} takes an object of options: args`)).filter(
    ({ wrong }) => wrong !== "a number",
  ),
  ...rows(REDIS, start, [...wrongArgs, ...more]),
]

const wrongInstances = (given: object): readonly Case[] => [
  [
    "an option misspelt",
    { ...given, initTimeoutMS: 5 },
    /unknown option "initTimeoutMS": did you mean "initTimeoutMs"\?/,
  ],
  ["no time", { ...given, initTimeoutMs: 0 }, /initTimeoutMs must be a whole number from 1 to 900000, not 0/],
  [
    "a time as text",
    { ...given, initTimeoutMs: SECRET },
    /initTimeoutMs must be a whole number .*, not of type string/,
  ],
  [
    "a port that is a function",
    { ...given, port: () => SECRET },
    /port must be a whole number .*, not of type function/,
  ],
  ["an environment of numbers", { ...given, env: { A: 1 } }, /env\.A must be a string, not number/],
  ["an environment that is an array", { ...given, env: [SECRET] }, /env must be an object of strings/],
  ["an environment that is null", { ...given, env: null }, /env must be an object of strings/],
  ["a null byte", { ...given, env: { A: `${SECRET}\0` } }, /env\.A holds a null byte: no environment can/],
  ["a log that is none", { ...given, log: {} }, /log must be a function that takes a line/],
]

const noHandler = (says: RegExp): readonly Case[] => [
  ["no handler", {}, says],
  ["a handler that is a function", { handler: () => SECRET }, says],
  ["a handler that is a web address", { handler: new URL("https://a.test") }, says],
  ["a handler that is not there", { handler: "/nowhere/x.mjs" }, /not found/],
]

const notOptions = (where: string): RegExp =>
  new RegExp(`${where} needs options: ${where}\\({ handler: \\.\\.\\. }\\)`)
const ofInstances = (where: string, error: string, start: (options: never) => unknown): Table[string] =>
  noObject(error, start, notOptions(where))

export const local: Table = {
  "local/index startRedis": ofServers("startRedis", startRedis, [
    ["a port too high", { port: 65_536 }, /port must be a whole number from 1 to 65535/],
    ["a port as text", { port: "6379" }, /port must be a whole number/],
  ]),
  "local/index startCluster": ofServers("startCluster", startCluster, [
    ["no time", { nodeTimeoutMs: 0 }, /nodeTimeoutMs must be a whole number from 1 to/],
    ["an option of another", { port: 6_379 }, /unknown option "port"/],
  ]),
  "local/index startSentinel": ofServers("startSentinel", startSentinel, [
    ["a time as text", { downAfterMs: "5" }, /downAfterMs must be a whole number/],
    [
      "a name with a space",
      { name: "my master" },
      /a sentinel takes no spaces, quotes or backslashes in its name and passwords/,
    ],
    [
      "a password with a quote",
      { sentinelPassword: `${SECRET}"` },
      /a sentinel takes no spaces, quotes or backslashes/,
    ],
  ]),
  "local/index attachRedis": rows(REDIS, attachRedis, [
    ["no URL", undefined, /attachRedis: the URL must be like redis:\/\/user:password@host:6379/],
    ["no scheme", SECRET, /attachRedis: the URL must be like/],
    ["another scheme", `https://u:${SECRET}@a.test`, /attachRedis: the URL must be like/],
    ["no host", "redis://", /attachRedis: the URL must be like/],
    ["an object", { url: SECRET }, /attachRedis: the URL must be like/],
  ]),
  "local/index startFaultProxy": [
    ...noObject(REDIS, startFaultProxy, /startFaultProxy takes an object of options: target, port/).filter(
      ({ wrong }) => wrong !== "a number",
    ),
    ...rows(REDIS, startFaultProxy, [
      ["no target", {}, /target is missing: what startRedis gives, or { host, port }/],
      [
        "a target that is a URL",
        { target: `redis://:${SECRET}@a:1` },
        /target must be what startRedis gives, or { host, port }/,
      ],
      ["a target without a port", { target: { host: "a" } }, /target must be what startRedis gives/],
      [
        "a port that is null",
        { target: { host: "a", port: 1 }, port: null },
        /port must be a whole number from 1 to 65535/,
      ],
      ["an option misspelt", { targte: {} }, /unknown option "targte": did you mean "target"\?/],
    ]),
  ],
  "local/index startLambda": [
    ...ofInstances("startLambda", LAMBDA, startLambda),
    ...rows(LAMBDA, startLambda, [
      ...noHandler(/handler must be a path, a file: URL or file\.exportName|handler ".*" not found/),
      ...wrongInstances({ handler }),
      [
        "no sandboxes",
        { handler, concurrency: 0 },
        /concurrency must be a whole number from 1 to 1000, not 0/,
      ],
      ["a name with a space", { handler, functionName: "a b" }, /functionName must be 1 to 64 letters/],
      [
        "a region that is a number",
        { handler, region: 5 },
        /region must be the name of a region, such as us-east-1/,
      ],
      ["a runtime that is a text", { handler, runtime: "node" }, /runtime must be a command line, such as/],
      [
        "a freeze that is a word",
        { handler, freeze: SECRET },
        /freeze must be true, false or { afterInitMs }/,
      ],
      [
        "a freeze misspelt",
        { handler, freeze: { afterInit: 5 } },
        /unknown option "freeze.afterInit": did you mean "afterInitMs"\?/,
      ],
      [
        "a variable of Lambda's own",
        { handler, env: { _HANDLER: SECRET } },
        /env\._HANDLER is set by Lambda itself: leave it out/,
      ],
    ]),
  ],
  "local/index startFluid": [
    ...ofInstances("startFluid", INSTANCE, startFluid),
    ...rows(INSTANCE, startFluid, [
      ...noHandler(/handler must be a path or a file: URL/),
      ...wrongInstances({ handler }),
      ["a word for true", { handler, suspend: "yes" }, /suspend must be true or false/],
      [
        "too long",
        { handler, maxDurationS: 901 },
        /maxDurationS must be a number from 0.001 to 900, not 901/,
      ],
    ]),
  ],
  "local/index startEdge": [
    ...ofInstances("startEdge", INSTANCE, startEdge),
    ...rows(INSTANCE, startEdge, [
      ...noHandler(/handler must be a path or a file: URL/),
      ...wrongInstances({ source: "" }),
      [
        "a handler and a source",
        { handler, source: SECRET },
        /handler and source exclude each other: give one/,
      ],
      ["a source that is a function", { source: () => SECRET }, /source must be the text of a bundle/],
    ]),
  ],
}
