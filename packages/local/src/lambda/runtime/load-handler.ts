import { basename, extname } from "node:path"
import { pathToFileURL } from "node:url"
import { RuntimeError } from "./function-error.ts"
import type { Handler } from "./handler.ts"

/**
 * Loads the user's module, ES or CommonJS, and finds the handler in it.
 *
 * @throws RuntimeError as Lambda names it, or whatever the module itself throws.
 */
export async function loadHandler(file: string, exportPath: string): Promise<Handler> {
  const loaded = await load(file)
  const found = pick(loaded, exportPath) ?? pick(loaded["default"], exportPath)
  if (typeof found === "function") return found as Handler
  const problem = found === undefined ? "is undefined or not exported" : "is not a function"
  throw new RuntimeError("HandlerNotFound", `${basename(file, extname(file))}.${exportPath} ${problem}`)
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new RuntimeError("UserCodeSyntaxError", String(error), { cause: error })
    if (isMissingModule(error)) throw new RuntimeError("ImportModuleError", String(error), { cause: error })
    throw error
  }
}

function isMissingModule(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND"
}

function pick(from: unknown, exportPath: string): unknown {
  return exportPath.split(".").reduce<unknown>((value, name) => {
    if (value === null || value === undefined) return undefined
    return Reflect.get(Object(value), name)
  }, from)
}
