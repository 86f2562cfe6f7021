import { existsSync, statSync } from "node:fs"
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { LambdaOptionError } from "./errors.ts"

/** Where a handler lives: its file, the export in it, and the folder that stands for `/var/task`. */
export interface HandlerFile {
  readonly file: string
  /** Names separated by dots, as in `api.handler`. */
  readonly exportPath: string
  readonly root: string
  /** The handler as AWS writes it, relative to `root`: `index.handler`. */
  readonly name: string
}

const EXTENSIONS = [".mjs", ".js", ".cjs", ".mts", ".ts", ".cts"]

/**
 * Finds the handler: a path or URL of a file that exports `handler`, or AWS's own form `folder/file.exportName`.
 *
 * @throws LambdaOptionError when there is no such file; it says where it looked.
 */
export function findHandler(handler: string | URL): HandlerFile {
  const path = handler instanceof URL ? fileURLToPath(handler) : handler
  const root = isAbsolute(path) ? dirname(path) : process.cwd()
  if (isFile(resolve(path)))
    return { file: resolve(path), exportPath: "handler", root, name: nameOf(path, root) }
  const candidates = splits(path)
  for (const { base, exportPath } of candidates) {
    const file = EXTENSIONS.map((extension) => base + extension).find(isFile)
    if (file) return { file, exportPath, root, name: isAbsolute(path) ? basename(path) : path }
  }
  throw notFound(path, [resolve(path), ...candidates.map(({ base }) => `${base}{${EXTENSIONS.join(",")}}`)])
}

// Lambda parts file and export at the first dot; a file with dots in its name is found at a later one.
function splits(path: string): { readonly base: string; readonly exportPath: string }[] {
  const parts = basename(path).split(".")
  return parts.slice(1).map((_, index) => ({
    base: resolve(dirname(path), parts.slice(0, index + 1).join(".")),
    exportPath: parts.slice(index + 1).join("."),
  }))
}

function nameOf(path: string, root: string): string {
  const stem = basename(path, extname(path))
  return isAbsolute(path) ? `${stem}.handler` : join(dirname(path), `${stem}.handler`).replace(`${root}/`, "")
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

function notFound(handler: string, looked: readonly string[]): LambdaOptionError {
  return new LambdaOptionError(
    `handler "${handler}" not found (looked for ${looked.join(" and ")}): name a file that exports "handler", or file.exportName`,
  )
}
