import { type Case, SECRET } from "../row.ts"

/** What is wrong with a URL of one server; none of it may show. */
export const WRONG_URLS: readonly (readonly [wrong: string, url: unknown, says: RegExp])[] = [
  ["a URL that is none", `host:6379/${SECRET} x`, /the URL (?:is malformed|does not begin with)/],
  [
    "a URL of another scheme",
    `rediz://u:${SECRET}@host`,
    /the URL does not begin with redis:, .* takes .* redis:\/\/user/,
  ],
  [
    "a URL without a host",
    "redis://",
    /the URL has no host; it takes .* redis:\/\/user:password@host:6379\/0/,
  ],
  ["a URL with port 0", `redis://u:${SECRET}@host:0`, /the URL has port 0: it takes 1 to 65535/],
  ["a URL with a port too high", `redis://u:${SECRET}@host:70000`, /the URL is malformed; it takes/],
  ["a URL with a path", `redis://host/${SECRET}`, /is not a database number; it takes/],
  [
    "a URL with a parameter",
    "redis://host?timeout=5",
    /the URL has an unknown parameter .*: set it as an option/,
  ],
  ["a URL with a ? in its password", `redis://u:a?${SECRET}@host`, /write .*\? as %3F/],
  ["a URL with a # in its password", `redis://u:a#${SECRET}@host`, /# as %23/],
  ["a URL with a % in its password", `redis://u:%zz${SECRET}@host`, /the URL is malformed; .* % as %25/],
]

/** What is wrong with where a server is, in the options of whoever opens sockets. */
export const WRONG_ENDPOINTS: readonly Case[] = [
  ...WRONG_URLS.map(([wrong, url, says]): Case => [wrong, { url }, says]),
  ["a URL that is an object", { url: new URL(`redis://u:${SECRET}@host`) }, /url takes a string/],
  ["an empty URL", { url: "" }, /url takes a string that is not empty/],
  ["a URL and a host", { url: "redis://a", host: "a" }, /url and host contradict: keep one/],
  ["a URL and a port", { url: "redis://a", port: 1 }, /url and port contradict: keep one/],
  ["a path and a host", { path: "/x.sock", host: "a" }, /path and host contradict: keep one/],
  ["a URL and TLS", { url: "redis://a", tls: true }, /url and tls contradict: .* rediss:/],
  [
    "two passwords",
    { url: `redis://:${SECRET}@a`, password: `${SECRET}2` },
    /url and password contradict: keep one/,
  ],
  ["two databases", { url: "redis://a/1", database: 2 }, /url and database contradict: keep one/],
  ["a port too high", { host: "a", port: 65_536 }, /port takes a whole number from 1 to 65535/],
  ["a port as text", { host: "a", port: "6379" }, /port takes a whole number/],
  ["a negative database", { host: "a", database: -1 }, /database takes/],
  ["TLS that is a word", { host: "a", tls: "yes" }, /tls takes true or false, or an object/],
  [
    "a password that is bytes",
    { host: "a", password: new TextEncoder().encode(SECRET) },
    /password takes a string/,
  ],
]
