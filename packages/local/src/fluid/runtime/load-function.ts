import type { IncomingMessage, ServerResponse } from "node:http"
import { pathToFileURL } from "node:url"

/** A handler in the Web's form. */
export type WebHandler = (request: Request, context: object) => Response | Promise<Response>

/** A handler in Node's form. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown

/** What a file turned out to be. */
export interface LoadedFunction {
  /** By method; under `fetch` the one that takes every other. */
  readonly web: Readonly<Record<string, WebHandler>>
  readonly node: NodeHandler | undefined
  readonly maxDurationS: number | undefined
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

/** What to read in a handler's exports. */
type Exports = Readonly<Record<string, unknown>>

/**
 * Imports a function's file.
 *
 * @throws TypeError when it exports no handler, or whatever the file itself throws.
 */
export async function loadFunction(file: string): Promise<LoadedFunction> {
  const loaded: Exports = await import(pathToFileURL(file).href)
  const found = pickHandlers(loaded)
  const fallback = unwrapped(loaded["default"])
  const node = typeof fallback === "function" && Object.keys(found).length === 0 ? fallback : undefined
  if (!node && Object.keys(found).length === 0) {
    throw new TypeError(
      `${file} exports no handler: export GET, POST, …, fetch, or a default function (req, res)`,
    )
  }
  return { web: found, node: node as NodeHandler | undefined, maxDurationS: durationOf(loaded) }
}

/** The Web handlers among exports, or in their default object. */
export function pickHandlers(loaded: Exports): Record<string, WebHandler> {
  const inside = unwrapped(loaded["default"])
  const sources = [typeof inside === "object" && inside !== null ? (inside as Exports) : {}, loaded]
  const found: Record<string, WebHandler> = {}
  for (const source of sources) {
    for (const name of [...METHODS, "fetch"]) {
      const handler = source[name]
      if (typeof handler === "function") found[name] = handler.bind(source)
    }
  }
  return found
}

/** What answers this method; HEAD is answered by GET. */
export function handlerFor(web: LoadedFunction["web"], method: string): WebHandler | undefined {
  return web[method] ?? (method === "HEAD" ? web["GET"] : undefined) ?? web["fetch"]
}

/** A CommonJS module compiled from ES has its default inside its default. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  return Reflect.get(value, "__esModule") ? Reflect.get(value, "default") : value
}

function durationOf(loaded: Exports): number | undefined {
  const config: unknown = loaded["config"]
  const inside =
    typeof config === "object" && config !== null ? Reflect.get(config, "maxDuration") : undefined
  const value = loaded["maxDuration"] ?? inside
  return typeof value === "number" ? value : undefined
}
