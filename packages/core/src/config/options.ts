import { ConfigError } from "../errors.ts"
import { nearest } from "./nearest.ts"
import { tagOf } from "./tag-of.ts"

/** What one option takes. `expects` finishes the sentence "it takes …". */
export interface Option<T> {
  readonly expects: string
  /** Whether a given value is right; a value that is not never shows in an error: it may be a secret. */
  accepts(value: unknown): boolean
  /** What stands for an option that was not given. */
  readonly fallback?: T
  readonly isRequired?: boolean
}

/** The options a function takes, by name. */
export type OptionSpec = Readonly<Record<string, Option<unknown>>>

/** What `readOptions` gives for a spec. */
export type OptionsOf<S extends OptionSpec> = {
  readonly [Name in keyof S]: S[Name] extends Option<infer T> ? T : never
}

/** A whole number; `Infinity` is taken where it is the maximum. */
export function integer(min: number, max: number): Option<number | undefined>
export function integer(min: number, max: number, fallback: number): Option<number>
export function integer(min: number, max: number, fallback?: number): Option<number | undefined> {
  const accepts = (value: unknown) =>
    typeof value === "number" && value >= min && value <= max && (value === max || Number.isInteger(value))
  return { expects: `a whole number from ${min} to ${max}`, accepts, fallback }
}

function ofType<T>(type: string, expects: string, fallback?: T): Option<T | undefined> {
  return { expects, accepts: (value) => typeof value === type, fallback }
}

/** True or false. */
export function flag(): Option<boolean | undefined>
// biome-ignore lint/plugin: it chooses nothing here; it is the option's own value
export function flag(fallback: boolean): Option<boolean>
// biome-ignore lint/plugin: the same
export function flag(fallback?: boolean): Option<boolean | undefined> {
  return ofType("boolean", "true or false", fallback)
}

/** One of a few words or numbers. */
export function oneOf<const T extends string | number>(choices: readonly T[]): Option<T | undefined>
export function oneOf<const T extends string | number>(choices: readonly T[], fallback: NoInfer<T>): Option<T>
export function oneOf<const T extends string | number>(
  choices: readonly T[],
  fallback?: NoInfer<T>,
): Option<T | undefined> {
  return {
    expects: choices.map((choice) => JSON.stringify(choice)).join(" or "),
    accepts: (value) => choices.some((choice) => choice === value),
    fallback,
  }
}

/** A string that is not empty. */
export function text(): Option<string | undefined>
export function text(fallback: string): Option<string>
export function text(fallback?: string): Option<string | undefined> {
  const accepts = (value: unknown) => typeof value === "string" && value !== ""
  return { expects: "a string that is not empty", accepts, fallback }
}

/** A string that may be empty, such as a password. */
export function secret(): Option<string | undefined> {
  return ofType<string>("string", "a string")
}

/** A function; its parameters are the caller's word. */
// biome-ignore lint/complexity/noBannedTypes: any function type may be asked for, and nothing narrower fits all
export function fn<T extends Function>(): Option<T | undefined> {
  return ofType<T>("function", "a function")
}

/** An object that is not an array; what it holds is the caller's word. */
export function object<T extends object>(): Option<T | undefined> {
  const accepts = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value)
  return { expects: "an object", accepts }
}

/** What either of two options takes; the first one's default. */
export function either<A, B>(first: Option<A>, second: Option<B>): Option<A | B> {
  return {
    ...(first as Option<A | B>),
    expects: `${first.expects}, or ${second.expects}`,
    accepts: (value) => first.accepts(value) || second.accepts(value),
  }
}

/**
 * Reads the options given to `where`; undefined means not given.
 *
 * @throws ConfigError, or a `Wrong`, if one is unknown, missing, of the wrong type or out of range, naming it and what
 * is right.
 */
// biome-ignore lint/complexity/useMaxParams: the fourth is for methods, whose options are arguments
export function readOptions<S extends OptionSpec>(
  where: string,
  spec: S,
  given: unknown = {},
  Wrong: new (message: string) => Error = ConfigError,
): OptionsOf<S> {
  if (!isPlainObject(given)) throw new Wrong(`${where} takes an object of options`)

  const names = Object.keys(spec)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    const fix = meant === undefined ? `it takes ${names.join(", ")}` : `did you mean ${meant}?`
    throw new Wrong(`${where}: unknown option ${name}: ${fix}`)
  }

  const read: Record<string, unknown> = {}
  for (const [name, { accepts, expects, fallback, isRequired }] of Object.entries(spec)) {
    const value = given[name]
    if (value === undefined ? isRequired : !accepts(value))
      throw new Wrong(`${where}: ${name} takes ${expects}`)
    read[name] = value ?? fallback
  }
  return read as OptionsOf<S>
}

/** An object that is nothing special, of any realm: no array, no `URL`, no `Map`. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return tagOf(value) === "Object"
}

/** Words for a value that may be a secret: its type, or that it is empty. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value === "") return "an empty string"
  if (Array.isArray(value)) return "an array"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
