/** What a value counts, and whether more of it is better. */
export const UNITS = {
  "commands/s": "more",
  "requests/s": "more",
  "µs CPU per command": "less",
  "µs CPU per request": "less",
  ms: "less",
  "kB gzipped": "less",
  "MB of RSS": "less",
  connections: "less",
  commands: "less",
} as const

export type Unit = keyof typeof UNITS

/** One thing measured of one contestant. */
export interface Figure {
  readonly what: string
  readonly unit: Unit
  readonly contestant: string
}

/** A figure with its value in every round. */
export interface Measurement extends Figure {
  readonly values: readonly number[]
}

/** What a bench found. */
export interface Findings {
  readonly measurements: readonly Measurement[]
  /** What was left out, and why. */
  readonly notes: readonly string[]
}

/** Takes down values as rounds go by. */
export class Recorder {
  readonly #values = new Map<string, Figure & { readonly values: number[] }>()
  readonly #notes = new Set<string>()

  add(figure: Figure, value: number): void {
    const key = JSON.stringify([figure.what, figure.unit, figure.contestant])
    const known = this.#values.get(key)
    if (known) known.values.push(value)
    else this.#values.set(key, { ...figure, values: [value] })
  }

  note(text: string): void {
    this.#notes.add(text)
  }

  get findings(): Findings {
    return { measurements: [...this.#values.values()], notes: [...this.#notes] }
  }
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}

/** Three significant digits, thousands apart. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–"
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US")
  return String(Number(value.toPrecision(3)))
}
