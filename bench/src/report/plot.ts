import { OURS } from "../contestants.ts"
import { shown, UNITS, type Unit } from "../measurement.ts"
import type { Entry, Group } from "./groups.ts"

const WIDTH = 840
const LABEL = 250
const BAR = 14
const STEP = 20
const HEAD = 28
const GAP = 14
const OURS_COLOUR = "#c2410c"
const PEER_COLOUR = "#94a3b8"

/** Bars for every group, each on a scale of its own, as an SVG that needs no font and no script. */
export function plot(unit: Unit, groups: readonly Group[]): string {
  let top = 34
  const parts = groups.map((group) => {
    const drawn = panel(group, top)
    top += HEAD + group.entries.length * STEP + GAP
    return drawn
  })
  const title = `${unit}, ${UNITS[unit] === "more" ? "longer" : "shorter"} is better`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>`,
    text(title, { x: 16, y: 22, rest: 'fill="#475569"' }),
    ...parts,
    "</svg>",
    "",
  ].join("\n")
}

function panel({ what, entries }: Group, top: number): string {
  const longest = Math.max(...entries.map(({ value }) => value), Number.MIN_VALUE)
  const heading = text(what, { x: 16, y: top + 16, rest: 'font-weight="600" fill="#0f172a"' })
  const bars = entries.map((entry, place) => bar(entry, { top: top + HEAD + place * STEP, longest }))
  return [heading, ...bars].join("\n")
}

function bar(
  { contestant, value }: Entry,
  { top, longest }: { readonly top: number; readonly longest: number },
): string {
  const length = Math.max(1, (value / longest) * (WIDTH - LABEL - 100))
  const colour = contestant.startsWith(OURS) ? OURS_COLOUR : PEER_COLOUR
  return [
    text(contestant, { x: LABEL - 8, y: top + 11, rest: 'text-anchor="end" fill="#334155"' }),
    `<rect x="${LABEL}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`,
    text(shown(value), { x: LABEL + length + 6, y: top + 11, rest: 'fill="#334155"' }),
  ].join("\n")
}

interface Place {
  readonly x: number
  readonly y: number
  readonly rest: string
}

function text(words: string, { x, y, rest }: Place): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
  return `<text x="${x.toFixed(1)}" y="${y}" ${rest}>${safe}</text>`
}
