import { hasWord } from "../src/commands/words.ts"
import { type Overload, type Parameter, readSections, type Section } from "./declarations.ts"
import { mend } from "./mends.ts"
import { simplify } from "./overloads.ts"
import { OWN_METHODS } from "./own-methods.ts"
import { stateful } from "./rules.ts"
import { STATEFUL_SUBCOMMANDS, UNSENDABLE_SUBCOMMANDS } from "./subcommand-names.ts"
import type { Metadata } from "./table.ts"

/** How much of a client an overload needs. */
const LEVELS = ["portable", "blocking", "stateful", "none"] as const
type Level = (typeof LEVELS)[number]

/** The source of src/generated/commands.ts, from ioredis' declarations. */
export function interfacesSource(
  declarations: string,
  commands: Readonly<Record<string, Metadata>>,
  version: string,
): string {
  const sections = mend(readSections(declarations)).flatMap((section) => byLevel(section, commands))
  return `${header(version)}
/** What any transport can carry: no command that blocks, none that changes the connection. */
export interface PortableCommands<K extends Kind> {
${CALL}
${membersOf(sections, "portable")}
}

/** All that the shared connection and one for blocking commands can carry. */
export interface BlockingCommands<K extends Kind> extends PortableCommands<K> {
${membersOf(sections, "blocking")}
}

/** All that a connection of one's own can carry. */
export interface StatefulCommands<K extends Kind> extends BlockingCommands<K> {
${membersOf(sections, "stateful")}
}
`
}

type Leveled = Section & { readonly level: Level }

/** Splits a section by what its overloads need: XREAD is portable without BLOCK. */
function byLevel({ doc, overloads }: Section, commands: Readonly<Record<string, Metadata>>): Leveled[] {
  return LEVELS.flatMap((level) => {
    const own = overloads.filter((overload) => levelOf(overload, commands) === level)
    return own.length > 0 && level !== "none" ? [{ doc, level, overloads: simplify(own) }] : []
  })
}

function levelOf({ name, parameters }: Overload, commands: Readonly<Record<string, Metadata>>): Level {
  const literals = parameters.map(({ type }) => type.replaceAll("'", "").toLowerCase())
  const [subcommand = ""] = literals
  // Twins for bytes are made of the others; `call` is written out below.
  if (OWN_METHODS.has(name) || name === "call" || name.endsWith("Buffer")) return "none"
  if (hasWord(UNSENDABLE_SUBCOMMANDS[name], subcommand)) return "none"
  if (stateful.has(name) || hasWord(STATEFUL_SUBCOMMANDS[name], subcommand)) return "stateful"
  if (!commands[name]?.flags.includes("blocking")) return "portable"
  return name.startsWith("xread") && !literals.includes("block") ? "portable" : "blocking"
}

/** An interface overrides what it extends, so it repeats the lower overloads of each method that it adds to. */
function membersOf(sections: readonly Leveled[], level: Level): string {
  const names = new Set(sections.filter((section) => section.level === level).flatMap(namesOf))
  return sections
    .filter(
      (section) =>
        LEVELS.indexOf(section.level) <= LEVELS.indexOf(level) &&
        namesOf(section).some((name) => names.has(name)),
    )
    .map((section) => [docOf(section.doc), ...linesOf(section)].join("\n"))
    .join("\n")
}

function namesOf({ overloads }: Section): string[] {
  return overloads.map(({ name }) => name)
}

function linesOf({ overloads }: Section): string[] {
  const twins = overloads.filter(({ reply }) => /\b(string|unknown)\b/.test(reply)).map(twinOf)
  return [...overloads, ...twins].map(({ name, generic, parameters, reply }) => {
    const type = generic.replace("RedisValue", "Value")
    return `  ${name}${type}(${listOf(parameters)}): Result<${reply}, K, this>`
  })
}

/** The same method with bytes in the reply; the names of an object's fields stay strings. */
function twinOf(overload: Overload): Overload {
  const reply = overload.reply
    .replace("Record<string, string>", "Record<Name, string>")
    .replace(/\bstring\b/g, "Uint8Array")
    .replace("Record<Name,", "Record<string,")
  return { ...overload, name: `${overload.name}Buffer`, reply }
}

/** A rest parameter that is not the last one needs a tuple. */
function listOf(parameters: readonly Parameter[]): string {
  const list = parameters.map(({ name, type, rest }) =>
    rest ? `...${name}: ${type === "T" ? "T" : `Many<${type}>`}` : `${name}: ${type}`,
  )
  const early = parameters.slice(0, -1).some(({ rest }) => rest)
  return early ? `...args: [${list.join(", ")}]` : list.join(", ")
}

/** A section's comment as one line: what it does, what it costs, since when. */
function docOf(doc: string): string {
  const text = doc
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(/^\s*\* ?/gm, "")
    .trim()
  const [what = ""] = text.split("\n- _group_")
  const cost = /^- _complexity_: (.*)$/m.exec(text)?.[1]
  const since = /^- _since_: (.*)$/m.exec(text)?.[1]
  const parts = [what.replace(/\n/g, " "), cost && `Complexity: ${cost}`, since && `Since ${since}`]
  return `  /** ${parts
    .filter(Boolean)
    .map((part) => `${part}`.replace(/\.?$/, "."))
    .join(" ")} */`
}

const CALL = `  /** Sends any command as it stands: the reply is not transformed. */
  call(command: string, ...args: Many<Value>): Result<unknown, K, this>
  callBuffer(command: string, ...args: Many<Value>): Result<unknown, K, this>`

function header(version: string): string {
  return `// Generated by build/generate.ts from the declarations of ioredis ${version} (MIT, see THIRD-PARTY.md). Do not edit.

/** What a method gives: a promise of the reply, or the pipeline it was called on. */
export type Kind = "promise" | "pipeline"

/** A key; numbers are left out, they are mostly a slip. */
export type Key = string | Uint8Array
/** A value, a member, a field's content. */
export type Value = string | number | bigint | Uint8Array
/** A name, a pattern, a script. */
export type Text = string | Uint8Array
/** A count, a time, a score. */
export type Numeric = number | bigint | string
/** Arguments one by one or in arrays, which are flattened one level deep. */
export type Many<T> = (T | readonly T[])[]

/** Replies are in their RESP2 shape. A \`number\` beyond 2^53 arrives as a string, so that no digit is lost. */
export type Result<T, K extends Kind, Self> = { promise: Promise<T>; pipeline: Self }[K]
`
}
