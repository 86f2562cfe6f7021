import type { Row } from "./row.ts"

/** What came of one row. */
export interface Told {
  readonly name: string
  readonly message: string
  /** All that the error holds: its stack, its own properties, its causes. */
  readonly whole: string
}

/** Gives the input, and tells the error that it is thrown or rejected with; undefined when there is none. */
export async function toldBy(
  { run }: Pick<Row, "run">,
  show: (error: unknown) => string = wholeOf,
): Promise<Told | undefined> {
  try {
    await run()
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: "no error", message: String(error) }
    return { name, message, whole: show(error) }
  }
  return undefined
}

/** Every property, hidden ones too, in every runtime. */
export function wholeOf(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== "object" || value === null || seen.has(value)) return String(value)
  seen.add(value)
  return Reflect.ownKeys(value)
    .map((name) => `${String(name)}: ${wholeOf(Reflect.get(value, name), seen)}`)
    .join("\n")
}
