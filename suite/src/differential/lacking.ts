import type { Script, Step } from "./script.ts"
import { ordinary } from "./tables/index.ts"

/** Commands that lack keys: ioredis makes some up, such as "ü:undefined", and the server never hears of the mistake. */
const LACKING = new Set([
  "object encoding",
  "migrate 127.0.0.1",
  "hgetall",
  "smembers",
  "sintercard 2 a",
  "zunion 2 a",
  "eval return 1 3 a",
])

/** A command as one line of text. */
export const lineOf = ({ name, words }: Step): string => [name, ...words].join(" ")

const isWhole = (step: Step): boolean => !LACKING.has(lineOf(step))

/** The scripts whose commands both clients give a key prefix alike. */
export const whole: readonly Script[] = ordinary.map((script) => ({
  ...script,
  steps: script.steps.filter(isWhole),
}))

/** The commands that lack keys. */
export const lacking: readonly Step[] = ordinary
  .flatMap((script) => script.steps)
  .filter((step) => !isWhole(step))
