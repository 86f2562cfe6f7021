/** A word of a command: text, or bytes where the table says `b"…"`. */
export type Word = string | Uint8Array

/** One command, and whether its two replies must be equal, hold the same in any order, or only be alike in shape. */
export interface Step {
  readonly compare: "equal" | "unordered" | "alike"
  readonly name: string
  readonly words: readonly Word[]
}

/** Commands that run in order on an empty server. */
export interface Script {
  readonly title: string
  readonly steps: readonly Step[]
  /** Whether the data must be equal afterwards; not where the server draws lots or reads its clock. */
  readonly leaves: "equal data" | "any data"
}

/**
 * Reads a table. A line that starts with `#` begins a script and names it; with `#~` what the script leaves behind is
 * not compared. Every other line is a command: words, `"quoted"` ones with JSON's escapes, `b"…"` for bytes (with
 * `\xff`). After `~` the two replies are only alike in shape; after `*` they hold the same in any order.
 */
export function readTable(text: string): readonly Script[] {
  const scripts: (Script & { readonly steps: Step[] })[] = []
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "") continue
    if (line.startsWith("#")) {
      const [, mark, title = ""] = /^#(~?)\s*(.*)$/.exec(line) ?? []
      scripts.push({ title, steps: [], leaves: mark === "~" ? "any data" : "equal data" })
      continue
    }
    const script = scripts.at(-1)
    if (script === undefined) throw new Error(`a table begins with a title, not with: ${line}`)
    script.steps.push(readStep(line))
  }
  return scripts
}

const COMPARISONS: Readonly<Record<string, Step["compare"]>> = { "~": "alike", "*": "unordered" }

function readStep(line: string): Step {
  const compare = COMPARISONS[line.charAt(0)] ?? "equal"
  const command = compare === "equal" ? line : line.slice(1)
  const tokens = command.match(/b?"(?:[^"\\]|\\.)*"|\S+/g) ?? []
  const [name, ...words] = tokens.map(readWord)
  if (typeof name !== "string") throw new Error(`a command's name is text: ${line}`)
  return { compare, name, words }
}

function readWord(token: string): Word {
  if (token.startsWith('"')) return JSON.parse(token)
  if (!token.startsWith('b"')) return token
  const text: string = JSON.parse(token.slice(1).replaceAll("\\x", "\\u00"))
  return Buffer.from(text, "latin1")
}
