/** Stands wherever a secret, a key or a value may stand: no error may show it. */
export const SECRET = "planted-s3cret"

/** A function that stands where an object is expected; its source must not show either. */
export const aFunction = (): string => "planted-s3cret"

/** One wrong input of one function. */
export interface Row {
  /** What is wrong, in words. */
  readonly wrong: string
  /** Gives the input to the function. */
  run(): unknown
  /** The name of the error. */
  readonly error: string
  /** What its message says: the option and the fix. */
  readonly says: RegExp
}

/** Rows by the name of their function. */
export type Table = Readonly<Record<string, readonly Row[]>>

/** What is wrong, the input, and what the error says. */
export type Case = readonly [wrong: string, input: unknown, says: RegExp]

/** Rows for one function and one kind of error. */
export function rows(error: string, call: (input: never) => unknown, cases: readonly Case[]): readonly Row[] {
  return cases.map(([wrong, input, says]) => ({ wrong, run: () => call(input as never), error, says }))
}

/** Rows for what is given in place of an object of options. */
export function noObject(error: string, call: (input: never) => unknown, says: RegExp): readonly Row[] {
  return rows(error, call, [
    ["null", null, says],
    ["an array", [SECRET], says],
    ["a function", aFunction, says],
    ["a string", SECRET, says],
    ["a number", 7, says],
  ])
}

/** Rows for what is given in place of a client. */
export function noClient(error: string, call: (input: never) => unknown, says: RegExp): readonly Row[] {
  return rows(error, call, [
    ["nothing", undefined, says],
    ["null", null, says],
    ["an array", [SECRET], says],
    ["a function", aFunction, says],
    ["an object", { url: SECRET }, says],
    ["a string", SECRET, says],
  ])
}
