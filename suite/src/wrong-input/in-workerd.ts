import { fileURLToPath } from "node:url"
import { Miniflare } from "miniflare"
import { bundleText, COMPATIBILITY_DATE } from "../cloudflare/rig.ts"
import type { Entry } from "./exported.ts"
import { functionsOf } from "./exported.ts"
import type { Told } from "./told.ts"

const TABLE = fileURLToPath(new URL("worker.fixture.ts", import.meta.url))

/** A row whose input is in another process. */
export interface RemoteRow {
  readonly wrong: string
  readonly error: string
  readonly says: string
}

/** The table of the entries that need workerd, inside workerd. */
export interface InWorkerd extends AsyncDisposable {
  readonly functions: readonly (readonly string[])[]
  readonly table: readonly (readonly [name: string, rows: readonly RemoteRow[]])[]
  told(name: string, index: number): Promise<Told | undefined>
}

/** Bundles the entries as wrangler does, with the table, and runs them. */
export async function startInWorkerd(entries: readonly Entry[]): Promise<InWorkerd> {
  const script = await bundleText(programOf(entries))
  const runtime = new Miniflare({ modules: true, script, compatibilityDate: COMPATIBILITY_DATE })
  const ask = async <T>(query: string): Promise<T> =>
    (await runtime.dispatchFetch(`http://worker.test/?${query}`)).json() as Promise<T>
  const { functions, table } = await ask<Pick<InWorkerd, "functions" | "table">>("")
  return {
    functions,
    table,
    told: async (name, index) =>
      (await ask<Told | null>(new URLSearchParams({ name, index: String(index) }).toString())) ?? undefined,
    [Symbol.asyncDispose]: () => runtime.dispose(),
  }
}

/** `functionsOf` goes with it by its source: what tells functions from others must run where they are. */
function programOf(entries: readonly Entry[]): string {
  const imports = entries.map(({ file }, index) => `import * as m${index} from ${JSON.stringify(file)}`)
  const modules = entries.map(({ name }, index) => `[${JSON.stringify(name)}, m${index}]`)
  return `${imports.join("\n")}
import { answer, rowsByName } from ${JSON.stringify(TABLE)}
const functionsOf = ${functionsOf.toString()}
const functions = functionsOf(new Map([${modules.join(", ")}]))
export default {
  fetch(request) {
    return request.url.includes("name=") ? answer(request) : Response.json({ functions, table: rowsByName })
  },
}`
}
