import { join } from "node:path"
import { Application } from "typedoc"
import { publicEntries, ROOT } from "./entries.ts"

// Writes the API reference to docs/api, from the doc comments of what users may import.

const FOLDER = join(ROOT, "docs/api")
const entries = publicEntries()
/** As typedoc names a module: by its path. */
const names = new Map(entries.map(({ name, source }) => [source.replace(/(\/index)?\.ts$/, ""), name]))

const app = await Application.bootstrap({
  name: "warmpool",
  readme: join(ROOT, "README.md"),
  entryPoints: entries.map(({ source }) => join(ROOT, source)),
  tsconfig: join(ROOT, "scripts/api/tsconfig.json"),
  basePath: ROOT,
  // The build checks types, with the compiler that users' are checked with.
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  logLevel: "Error",
})
const project = await app.convert()
if (!project) throw new Error("typedoc could not read the sources")
for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name
await app.generateDocs(project, FOLDER)
console.log(`${names.size} entries: ${join(FOLDER, "index.html")}`)
