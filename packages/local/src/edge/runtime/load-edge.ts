import { AsyncLocalStorage } from "node:async_hooks"
import { readFileSync } from "node:fs"
import { Script } from "node:vm"
import { EdgeRuntime } from "edge-runtime"
import { pickHandlers, type WebHandler } from "../../fluid/runtime/load-function.ts"
import { REQUEST_CONTEXT, requestContexts } from "../../fluid/runtime/request-context.ts"

/** A function inside the Edge runtime, and the classes it knows. */
export interface EdgeFunction {
  readonly web: Readonly<Record<string, WebHandler>>
  readonly realm: {
    readonly Request: typeof Request
    readonly Response: typeof Response
    readonly AbortController: typeof AbortController
    readonly DOMException: typeof DOMException
  }
}

/**
 * Evaluates a bundle in a new Edge runtime.
 *
 * @param env - What `process.env` holds; there is no `process` without it.
 * @throws SyntaxError when it is an ES module, TypeError when it exports no handler, or whatever it throws itself.
 */
export function loadEdge(file: string, env: NodeJS.ProcessEnv | undefined): EdgeFunction {
  const runtime = new EdgeRuntime({
    extend: (context) =>
      Object.assign(context, {
        // Both are there on Vercel, but not in the bare runtime.
        AsyncLocalStorage,
        ...(env && { process: { env } }),
        [REQUEST_CONTEXT]: { get: () => requestContexts.getStore() },
      }),
  })
  const wrapped = `(function (module, exports, require) {${readFileSync(file, "utf8")}\n})`
  const module = { exports: {} }
  compile(wrapped, file).runInContext(runtime.context)(module, module.exports, refuseModule)
  const found = pickHandlers(module.exports)
  const fallback: unknown = Reflect.get(module.exports, "default")
  const web = typeof fallback === "function" ? { fetch: fallback as WebHandler, ...found } : found
  if (Object.keys(web).length === 0) {
    throw new TypeError(`${file} exports no handler: export GET, POST, …, fetch, or a default function`)
  }
  return { web, realm: runtime.context as unknown as EdgeFunction["realm"] }
}

function compile(code: string, filename: string): Script {
  try {
    return new Script(code, { filename })
  } catch (error) {
    if (!/Unexpected token 'export'|Cannot use import statement/.test(String(error))) throw error
    const fix = "bundle it in CommonJS form: esbuild --bundle --format=cjs --conditions=edge-light"
    throw new SyntaxError(`${filename} is an ES module; ${fix}`, { cause: error })
  }
}

function refuseModule(name: string): never {
  throw new TypeError(`the Edge runtime has no module "${name}": bundle it, or leave it out`)
}
