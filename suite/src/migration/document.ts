import { readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** A test that a row cites: the file, and the name as it stands in the source. */
export interface Citation {
  readonly file: string
  readonly test: string
}

/** One row of a table: its cells by the table's head. */
export interface Row {
  readonly section: string
  readonly cells: Readonly<Record<string, string>>
  readonly citations: readonly Citation[]
}

/** A block of code between fences: its language, and the line it begins on. */
export interface Block {
  readonly language: string
  readonly line: number
  readonly code: string
}

/** A page of `docs/`: its rows and its code. */
export interface Document {
  readonly text: string
  readonly rows: readonly Row[]
  readonly blocks: readonly Block[]
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
/** `[name of the test](path of its file)`; a name has no brackets. */
const CITATION = /\[([^[\]]+)\]\(([^()\s]+\.test\.ts)\)/g
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

/** Reads a page by its path from the repository's root. */
export function readDocument(path: string): Document {
  const text = readFileSync(resolve(ROOT, path), "utf8")
  return { text, rows: rowsOf(text, dirname(resolve(ROOT, path))), blocks: blocksOf(text) }
}

/** What stands between backticks in a cell, in order. */
export function codesIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)
}

function rowsOf(text: string, folder: string): readonly Row[] {
  const rows: Row[] = []
  let section = ""
  let head: readonly string[] = []
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3)
    if (!line.startsWith("|")) head = []
    else if (head.length === 0) head = cellsOf(line)
    else if (!/^[|\s-]+$/.test(line)) rows.push(rowOf(cellsOf(line), { section, head, folder }))
  }
  return rows
}

function rowOf(
  cells: readonly string[],
  { section, head, folder }: { section: string; head: readonly string[]; folder: string },
): Row {
  const citations = [...(cells.at(-1) ?? "").matchAll(CITATION)].map(([, test = "", path = ""]) => ({
    file: resolve(folder, path),
    test,
  }))
  return {
    section,
    cells: Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])),
    citations,
  }
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(" |")
    .map((cell) => cell.trim())
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: language = "", 2: code = "" }) => ({
    language,
    line: text.slice(0, index).split("\n").length,
    code,
  }))
}
