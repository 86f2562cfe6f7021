import type { Case } from "../row.ts"

/** What is wrong with the limits that every client takes, beside what is right of `given`. */
export function wrongCommon(given: object): readonly Case[] {
  return [
    [
      "an option misspelt",
      { ...given, commandTimeoutMS: 5 },
      /unknown option commandTimeoutMS: did you mean commandTimeoutMs\?/,
    ],
    [
      "an option of nobody's",
      { ...given, zzzzzzzzzzzz: 5 },
      /unknown option zzzzzzzzzzzz: it takes .*commandTimeoutMs/,
    ],
    [
      "a duration of 0",
      { ...given, commandTimeoutMs: 0 },
      /commandTimeoutMs is 0; it takes a whole number from 1 to/,
    ],
    [
      "a duration as text",
      { ...given, commandTimeoutMs: "5" },
      /commandTimeoutMs is a string; it takes a whole number/,
    ],
    [
      "a duration that is no number",
      { ...given, reserveMs: Number.NaN },
      /reserveMs is NaN; it takes a whole number/,
    ],
    [
      "a part of a millisecond",
      { ...given, validateAfterMs: 0.5 },
      /validateAfterMs is 0.5; it takes a whole number/,
    ],
    [
      "null for a duration",
      { ...given, validateTimeoutMs: null },
      /validateTimeoutMs is null; it takes a whole number/,
    ],
    [
      "a word of others",
      { ...given, retryWrites: "planted-s3cret" },
      /retryWrites is a string; it takes "never" or "overwrites"/,
    ],
    [
      "a prefix that is no text",
      { ...given, keyPrefix: ["planted-s3cret"] },
      /keyPrefix is an array; it takes a string/,
    ],
  ]
}

/** What is wrong with the limits of a pool. */
export function wrongLimits(given: object): readonly Case[] {
  return [
    ...wrongCommon(given),
    ["no connections", { ...given, max: 0 }, /max is 0; it takes a whole number from 1 to/],
    ["endless connections", { ...given, max: Infinity }, /max is Infinity; it takes a whole number/],
    [
      "a function for a number",
      { ...given, acquireTimeoutMs: () => 5 },
      /acquireTimeoutMs is a function; it takes/,
    ],
    [
      "a negative count",
      { ...given, maxWaiters: -1 },
      /maxWaiters is -1; it takes a whole number of 0 or more/,
    ],
    ["an array for a number", { ...given, maxLifetimeMs: [1] }, /maxLifetimeMs is an array; it takes/],
    ["an object for a number", { ...given, idleTimeoutMs: {} }, /idleTimeoutMs is an object; it takes/],
    ["true for a number", { ...given, leakWarnAfterMs: true }, /leakWarnAfterMs is a boolean; it takes/],
    [
      "more than timers take",
      { ...given, connectTimeoutMs: 2 ** 31 },
      /connectTimeoutMs is 2147483648; it takes/,
    ],
  ]
}
