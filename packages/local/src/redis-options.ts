import { nearest } from "./nearest.ts"

/** An option of a server or of the fault proxy is wrong; the message names it and the fix. */
export class RedisOptionError extends Error {
  override readonly name = "RedisOptionError"
  readonly code = "ERR_CONFIG"
}

/** Whether a value is right, and what it must be. */
interface Rule {
  readonly expects: string
  accepts(value: unknown): boolean
  /** Whether undefined is wrong, too. */
  readonly required?: true
}

const port = wholeNumber(1, 65_535)

/** What the options of all servers take, by name; an error never shows a value: it may be a password. */
const RULES: Readonly<Record<string, Rule>> = {
  args: {
    expects: "an array of strings",
    accepts: (value) => Array.isArray(value) && value.every((word) => typeof word === "string"),
  },
  password: text(),
  sentinelPassword: text(),
  name: text(),
  port,
  nodeTimeoutMs: wholeNumber(1, 86_400_000),
  downAfterMs: wholeNumber(1, 86_400_000),
  failoverTimeoutMs: wholeNumber(1, 86_400_000),
  nth: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  command: text(),
  and: oneOf(["silence", "cut", "reset"]),
  times: { expects: "a number of 1 or more", accepts: (value) => typeof value === "number" && value >= 1 },
  afterBytes: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  newConnections: oneOf(["pass", "silent"]),
  requests: milliseconds(),
  replies: milliseconds(),
  bytesPerSecond: {
    expects: "a number above 0: use stall() to stop",
    accepts: (value) => typeof value === "number" && value > 0,
    required: true,
  },
  met: {
    expects: "a function of the counts",
    accepts: (value) => typeof value === "function",
    required: true,
  },
  target: { expects: "what startRedis gives, or { host, port }", accepts: isTarget },
}

/** @throws RedisOptionError unless these are options of `where`, with no others than `names`. */
export function checkOptions(where: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new RedisOptionError(`${where} takes an object of options: ${names.join(", ")}`)
  for (const [name, value] of Object.entries(options)) {
    const rule = names.includes(name) ? RULES[name] : undefined
    if (rule === undefined)
      throw new RedisOptionError(
        `${where}: unknown option "${name}": did you mean "${nearest(name, names)}"?`,
      )
    if (!((value === undefined && !rule.required) || rule.accepts(value)))
      throw new RedisOptionError(`${where}: ${name} must be ${rule.expects}`)
  }
}

/** @throws RedisOptionError when the URL is none of a server; it never shows the URL. */
export function placeOf(where: string, url: string, schemes = /^(?:redis|valkey)s?:/): URL {
  const place = schemes.test(url) ? URL.parse(url) : null
  if (place === null || place.hostname === "")
    throw new RedisOptionError(`${where}: the URL must be like redis://user:password@host:6379`)
  return place
}

function wholeNumber(least: number, most: number): Rule {
  const accepts = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
  return { expects: `a whole number from ${least} to ${most}`, accepts }
}

/** A delay; 0 is none. */
function milliseconds(): Rule {
  return {
    expects: "a number of milliseconds of 0 or more",
    accepts: (value) => Number.isFinite(value) && Number(value) >= 0,
  }
}

function oneOf(words: readonly string[]): Rule {
  const expects = words.map((word) => JSON.stringify(word)).join(" or ")
  return { expects, accepts: (value) => words.some((word) => word === value) }
}

function text(): Rule {
  return {
    expects: "a string that is not empty",
    accepts: (value) => typeof value === "string" && value !== "",
  }
}

function isTarget(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  return typeof Reflect.get(value, "host") === "string" && port.accepts(Reflect.get(value, "port"))
}
