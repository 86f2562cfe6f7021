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
    ["a duration of 0", { ...given, commandTimeoutMs: 0 }, /commandTimeoutMs takes a whole number from 1 to/],
    ["a duration as text", { ...given, commandTimeoutMs: "5" }, /commandTimeoutMs takes a whole number/],
    ["a duration that is no number", { ...given, reserveMs: Number.NaN }, /reserveMs takes a whole number/],
    ["a part of a millisecond", { ...given, validateAfterMs: 0.5 }, /validateAfterMs takes a whole number/],
    ["null for a duration", { ...given, validateTimeoutMs: null }, /validateTimeoutMs takes a whole number/],
    [
      "a word of others",
      { ...given, retryWrites: "planted-s3cret" },
      /retryWrites takes "never" or "overwrites"/,
    ],
    ["a prefix that is no text", { ...given, keyPrefix: ["planted-s3cret"] }, /keyPrefix takes a string/],
  ]
}

/** What is wrong with the limits of a pool. */
export function wrongLimits(given: object): readonly Case[] {
  return [
    ...wrongCommon(given),
    ["no connections", { ...given, max: 0 }, /max takes a whole number from 1 to/],
    ["endless connections", { ...given, max: Infinity }, /max takes a whole number/],
    ["a function for a number", { ...given, acquireTimeoutMs: () => 5 }, /acquireTimeoutMs takes/],
    ["a negative count", { ...given, maxWaiters: -1 }, /maxWaiters takes a whole number from 0 to Infinity/],
    ["an array for a number", { ...given, maxLifetimeMs: [1] }, /maxLifetimeMs takes/],
    ["an object for a number", { ...given, idleTimeoutMs: {} }, /idleTimeoutMs takes/],
    ["true for a number", { ...given, leakWarnAfterMs: true }, /leakWarnAfterMs takes/],
    ["more than timers take", { ...given, connectTimeoutMs: 2 ** 31 }, /connectTimeoutMs takes/],
  ]
}
