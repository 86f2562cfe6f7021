import { OWN_METHODS } from "./own-methods.ts"

/** One parameter: `...name: element[]` when it is a rest parameter, its type then being that of one element. */
export interface Parameter {
  readonly name: string
  readonly type: string
  readonly rest: boolean
}

/** One overload of a method. */
export interface Overload {
  readonly name: string
  readonly generic: string
  readonly parameters: readonly Parameter[]
  readonly reply: string
}

/** Overloads that share a doc comment: one command, or one subcommand. */
export interface Section {
  readonly doc: string
  readonly overloads: readonly Overload[]
}

/**
 * Reads the members of ioredis' `RedisCommander`, whose source is generated and regular: a doc comment, then
 * overloads, each ending in ";" at the end of a line. Overloads with a callback are left out,
 * and so are the methods that are not made from the table.
 */
export function readSections(source: string): Section[] {
  const body = source.slice(source.indexOf("/**", source.indexOf("interface RedisCommander<")))
  const members = body.matchAll(/^ {4}(?:(?<doc>\/\*\*[\s\S]*?\*\/)|(?<member>\w[\s\S]*?;)$)/gm)
  const sections: { doc: string; overloads: Overload[] }[] = []
  for (const { groups = {} } of members) {
    if (groups["doc"] !== undefined) sections.push({ doc: groups["doc"], overloads: [] })
    const overload = groups["member"] === undefined ? undefined : readOverload(groups["member"])
    if (overload) sections.at(-1)?.overloads.push(overload)
  }
  return sections
}

function readOverload(member: string): Overload | undefined {
  const [head = "", name = "", generic = ""] = /^(\w+)(<[^(]*>)?\(/.exec(member) ?? []
  if (OWN_METHODS.has(name)) return undefined
  const end = closing(member, head.length - 1)
  const result = /^: Result<([\s\S]*), Context>;$/.exec(member.slice(end + 1))
  if (!result?.[1]) throw new Error(`a declaration in ioredis has a shape that is not known: ${member}`)
  const parameters = readParameters(member.slice(head.length, end))
  if (parameters.some((parameter) => parameter.name === "callback")) return undefined
  return { name, generic, parameters, reply: replyType(result[1]) }
}

function readParameters(list: string): Parameter[] {
  const tuple = /^\s*\.\.\.args: \[([\s\S]*)\]\s*$/.exec(list)
  return split(tuple?.[1] ?? list, ",")
    .filter((part) => !part.startsWith("callback?:"))
    .map((part) => {
      const [, dots, name = "", type = ""] = /^(\.\.\.)?(\w+): ([\s\S]*)$/.exec(part) ?? []
      if (name === "") throw new Error(`a parameter in ioredis has a shape that is not known: ${part}`)
      return { name, rest: dots !== undefined, type: dots && type.endsWith("[]") ? type.slice(0, -2) : type }
    })
}

/** The RESP2 arm of a reply, with the platform's own bytes in place of Node's. */
function replyType(type: string): string {
  const start = type.indexOf("RespShape<")
  if (start >= 0) {
    const open = start + "RespShape".length
    const end = closing(type, open)
    const [resp2 = ""] = split(type.slice(open + 1, end), ",")
    return replyType(type.slice(0, start) + resp2.slice("Resp2<".length, -1) + type.slice(end + 1))
  }
  return type
    .replace(/VsimReply<T, (\w+), Context>/, "$1[]")
    .replace(/\bBuffer\b/g, "Uint8Array")
    .replace(/'/g, '"')
}

/** Splits at a separator that stands outside all brackets. */
export function split(list: string, separator: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < list.length; i++) {
    if ("([{<".includes(list.charAt(i))) depth++
    if (")]}>".includes(list.charAt(i))) depth--
    if (depth > 0 || list[i] !== separator) continue
    parts.push(list.slice(start, i))
    start = i + 1
  }
  return [...parts, list.slice(start)].map((part) => part.trim()).filter((part) => part !== "")
}

/** Index of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if ("([{<".includes(text.charAt(i))) depth++
    if (")]}>".includes(text.charAt(i)) && --depth === 0) return i
  }
  return -1
}
