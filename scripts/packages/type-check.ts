import { fileURLToPath } from "node:url"
import type { EmptyProject } from "./project.ts"

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url))

/** Whose globals a project knows, and which conditions its bundler adds. */
export interface Globals {
  readonly types: readonly string[]
  readonly conditions?: readonly string[]
}

/** Checks all these entries at once, libraries included; gives what the compiler says. */
export async function typeCheck(
  project: EmptyProject,
  entries: readonly string[],
  { types, conditions = [] }: Globals,
): Promise<string> {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: "es2023",
    module: "nodenext",
    lib: ["es2023", "esnext.disposable"],
    types,
    customConditions: conditions,
  }
  const lines = entries.map((entry, index) => `export * as e${index} from "${entry}"`)
  await project.write("entries.ts", lines.join("\n"))
  await project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["entries.ts"] }))
  const { stdout, stderr } = await project.node(TSC, "-p", ".", "--pretty", "false")
  return stdout + stderr
}
