import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** A built module that packages export, and the runtime that it is for. */
export interface Entry {
  /** Package and file, as in `core/index`. */
  readonly name: string
  readonly file: string
  readonly runtime: "node" | "workerd"
}

const packages = fileURLToPath(new URL("../../../packages/", import.meta.url))

/** A built module by its path: what no package name leads to from here. */
export async function built<T>(path: string): Promise<T> {
  return import(`${packages}${path}`)
}

/** Every module that a package exports under any condition. */
export function entries(): readonly Entry[] {
  return readdirSync(packages).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(`${packages}${folder}/package.json`, "utf8"))
    return [...new Set(filesOf(manifest.exports))].map((path) => {
      const file = `${packages}${folder}/${path}`
      const name = `${folder}/${path.replace(/^\.\/dist\//, "").replace(/\.js$/, "")}`
      return { name, file, runtime: runtimeOf(folder, path) }
    })
  })
}

function filesOf(target: unknown): readonly string[] {
  if (typeof target === "string") return target.endsWith(".js") ? [target] : []
  if (typeof target !== "object" || target === null) return []
  return Object.values(target).flatMap(filesOf)
}

function runtimeOf(folder: string, path: string): Entry["runtime"] {
  const needsWorkerd = folder === "cloudflare" ? !path.endsWith("elsewhere.js") : path.endsWith("workerd.js")
  return needsWorkerd ? "workerd" : "node"
}

/** Every function of some modules that is no error class, under all the names that it has. */
export function functionsOf(modules: ReadonlyMap<string, object>): readonly (readonly string[])[] {
  const names = new Map<unknown, string[]>()
  for (const [module, exported] of modules)
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== "function" || value.prototype instanceof Error) continue
      names.set(value, [...(names.get(value) ?? []), `${module} ${name}`])
    }
  return [...names.values()]
}

/** Every method of an object but `without`, its getters left out. */
export function methodsOf(object: object, without: ReadonlySet<string> = new Set()): readonly string[] {
  const names = new Set<string>()
  for (let at: object = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === "function" && name !== "constructor" && !without.has(name)) names.add(name)
  return [...names]
}
