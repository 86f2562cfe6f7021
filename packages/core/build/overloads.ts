import type { Overload, Parameter } from "./declarations.ts"

/** What ioredis writes out, and the name it has with us. A type that is not listed stays as it is. */
const TYPES: Readonly<Record<string, string>> = {
  RedisKey: "Key",
  RedisValue: "Value",
  "string | Buffer": "Text",
  string: "Text",
  "string | Buffer | number": "Value",
  "RedisKey | string | Buffer | number": "Value",
  "number | string": "Numeric",
  "string | number": "Numeric",
  "Map<string | Buffer | number, string | Buffer | number>": "ReadonlyMap<Value, Value>",
}

/** The same overloads, fewer: types by our names, arrays and options that differ in one word taken together. */
export function simplify(overloads: readonly Overload[]): Overload[] {
  const simple = overloads.map((overload) => ({ ...overload, parameters: overload.parameters.map(rename) }))
  return mergeOptions(dropCovered(dropArrays(simple))).map(distinct)
}

function rename(parameter: Parameter): Parameter {
  const bare = parameter.type.replace(/^\((.*)\)$/, "$1")
  if (bare.endsWith("[]")) {
    const element = bare.slice(0, -2).replace(/^\((.*)\)$/, "$1")
    return { ...parameter, type: `readonly ${TYPES[element] ?? element}[]` }
  }
  return { ...parameter, type: (TYPES[bare] ?? bare).replace(/'/g, '"') }
}

/** Rest parameters take arrays too, as arguments are flattened: what ioredis declares beside them is not needed. */
function dropArrays(overloads: readonly Overload[]): Overload[] {
  const spreads = new Set(
    overloads.filter(({ parameters }) => parameters.some(({ rest }) => rest)).map(shape),
  )
  return overloads.filter((overload) => {
    const array = overload.parameters.findIndex(({ type }) => type.startsWith("readonly "))
    if (array < 0) return true
    const spread = overload.parameters.map((parameter, index) =>
      index === array
        ? { ...parameter, rest: true, type: parameter.type.slice("readonly ".length, -2) }
        : parameter,
    )
    return !spreads.has(shape({ ...overload, parameters: spread }))
  })
}

/** Drops what another overload takes as well: ZUNION's keys beside its values. */
function dropCovered(overloads: readonly Overload[]): Overload[] {
  return overloads.filter(
    (overload) =>
      !overloads.some((other) => other !== overload && other.generic === "" && covers(other, overload)),
  )
}

function covers(a: Overload, b: Overload): boolean {
  if (a.reply !== b.reply || a.parameters.length !== b.parameters.length) return false
  if (shape(a) === shape(b)) return false
  return a.parameters.every((parameter, index) => {
    const other = b.parameters[index]
    if (typeOf(parameter) === typeOf(other)) return true
    const wider = parameter.type === "Value" && ["Key", "Text", "Numeric"].includes(other?.type ?? "")
    return wider && parameter.rest === other?.rest
  })
}

/** Takes together overloads that differ only in which literal stands at one place, until none are left. */
function mergeOptions(overloads: readonly Overload[]): Overload[] {
  const merged: Overload[] = []
  for (const overload of overloads) {
    const index = merged.findIndex((other) => differsAt(other, overload) !== -1)
    const other = merged[index]
    if (other) merged[index] = union(other, overload)
    else merged.push(overload)
  }
  return merged.length < overloads.length ? mergeOptions(merged) : merged
}

/** The one place where two overloads have different literals; `Infinity` when they are the same, -1 otherwise. */
function differsAt(a: Overload, b: Overload): number {
  if (a.reply !== b.reply || a.generic !== b.generic || a.parameters.length !== b.parameters.length) return -1
  const places = a.parameters.flatMap((parameter, index) =>
    typeOf(parameter) === typeOf(b.parameters[index]) ? [] : [index],
  )
  if (places.length === 0) return Number.POSITIVE_INFINITY
  const [place = -1] = places
  const literal = [a, b].every(({ parameters }) => parameters[place]?.type.startsWith('"'))
  return places.length === 1 && literal ? place : -1
}

function union(a: Overload, b: Overload): Overload {
  const place = differsAt(a, b)
  const parameters = a.parameters.map((parameter, index) => {
    const other = b.parameters[index]
    if (!other) return parameter
    const type = index === place ? `${parameter.type} | ${other.type}` : parameter.type
    return { ...parameter, type, name: nameOf(parameter, other) }
  })
  return { ...a, parameters }
}

/** One name for two parameters: "option" for options, else both names, and "value" for more than two. */
function nameOf(a: Parameter, b: Parameter): string {
  if (a.name === b.name) return a.name
  if (a.type.startsWith('"')) return "option"
  return a.name.includes("Or") || a.name === "value"
    ? "value"
    : `${a.name}Or${b.name.charAt(0).toUpperCase()}${b.name.slice(1)}`
}

/** Numbers the names that merging made the same. */
function distinct(overload: Overload): Overload {
  const seen = new Map<string, number>()
  const parameters = overload.parameters.map((parameter) => {
    const count = (seen.get(parameter.name) ?? 0) + 1
    seen.set(parameter.name, count)
    return count === 1 ? parameter : { ...parameter, name: `${parameter.name}${count}` }
  })
  return { ...overload, parameters }
}

function typeOf(parameter: Parameter | undefined): string {
  return parameter ? `${parameter.rest ? "..." : ""}${parameter.type}` : ""
}

function shape({ parameters, reply }: Overload): string {
  return `${parameters.map(typeOf).join(",")}:${reply}`
}
