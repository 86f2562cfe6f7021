import { benches } from "../benches/index.ts"
import { shown, UNITS } from "../measurement.ts"
import type { Result } from "../results.ts"
import { judge } from "../verdict.ts"
import { type Group, groupsOf } from "./groups.ts"
import { verdictRows } from "./verdict-table.ts"

/** The file of a plot, beside the report. */
export function plotFile(bench: string, unit: string): string {
  return `plots/${bench}-${unit.replaceAll(/[^a-zA-Z]+/g, "-").toLowerCase()}.svg`
}

/** The whole report. */
export function markdown(results: readonly Result[]): string {
  const verdicts = judge(results.flatMap(({ measurements }) => measurements))
  const reached = verdicts.filter(({ verdict }) => verdict === "reached").length
  return [
    "# What we measure, and against whom",
    "",
    "Made by `npm run bench`; `npm run bench -- <name>` renews one part. Figures are medians over rounds in which contestants take turns; " +
      `ratios are warmpool's figure over the other's. "warmpool, again" is the control: what differs there is noise.`,
    "",
    "## Must reach",
    "",
    `${reached} of ${verdicts.length} reached.`,
    "",
    ...table(verdictRows(verdicts)),
    "",
    ...results.flatMap(section),
    "## Machines and versions",
    "",
    ...origins(results),
    "",
  ].join("\n")
}

function section({ bench, rounds, measurements, notes }: Result): readonly string[] {
  const { title = bench, about = "" } = benches[bench] ?? {}
  const groups = groupsOf(measurements)
  const units = [...new Set(groups.map(({ unit }) => unit))]
  return [
    `## ${title}`,
    "",
    `\`npm run bench -- ${bench}\`, ${rounds} rounds. ${about}`,
    "",
    ...notes.map((note) => `- ${note}`),
    ...(notes.length > 0 ? [""] : []),
    ...units.flatMap((unit) => [
      `![${title}: ${unit}](${plotFile(bench, unit)})`,
      "",
      `${unit}, ${UNITS[unit]} is better:`,
      "",
      ...figures(groups.filter((group) => group.unit === unit)),
      "",
    ]),
  ]
}

/** A row for each thing, a column for each contestant. */
function figures(groups: readonly Group[]): readonly string[] {
  const contestants = [
    ...new Set(groups.flatMap(({ entries }) => entries.map(({ contestant }) => contestant))),
  ]
  const rows = groups.map(({ what, entries }) => [
    what,
    ...contestants.map((name) => {
      const entry = entries.find(({ contestant }) => contestant === name)
      if (!entry) return ""
      const ratio = entry.ratio === undefined ? "" : ` (×${shown(entry.ratio)})`
      return `${shown(entry.value)}${ratio}`
    }),
  ])
  return table([["", ...contestants], ...rows])
}

/** Machines, each with the benches that ran on it. */
function origins(results: readonly Result[]): readonly string[] {
  const ran = new Map<string, string[]>()
  for (const { bench, machine } of results) {
    const { takenAt, commit, system, processor, memory, versions } = machine
    const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    const line = `${processor}, ${memory}, ${system}; commit ${commit}, ${takenAt.slice(0, 10)}; ${named.join(", ")}`
    ran.set(line, [...(ran.get(line) ?? []), bench])
  }
  return [...ran].map(([line, names]) => `- ${names.join(", ")}: ${line}`)
}

function table([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  return [line(head), line(head.map((_, place) => (place === 0 ? "---" : "---:"))), ...rows.map(line)]
}
