import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { FOLDER, type Json, type Resource } from "./template.ts"

const ESBUILD = fileURLToPath(new URL("../../../node_modules/.bin/esbuild", import.meta.url))

/** What `sam build` puts into the function's package. */
export interface Built extends AsyncDisposable {
  readonly folder: string
}

/**
 * Builds a function as `sam build` does, from what the template's Metadata says and from nothing else.
 * Source: `EsbuildCommandBuilder` of aws-lambda-builders.
 */
export async function build({ Metadata, Properties }: Resource): Promise<Built> {
  if (Metadata?.["BuildMethod"] !== "esbuild") throw new Error("sam build would not use esbuild")
  const properties = Object(Metadata["BuildProperties"]) as Record<string, Json>
  const folder = await mkdtemp(join(tmpdir(), "warmpool-sam-build-"))
  const args = [...listed(properties["EntryPoints"]), "--bundle", "--platform=node", `--outdir=${folder}`]
  for (const [name, value] of Object.entries(properties)) {
    if (name !== "EntryPoints") args.push(...flags(name, value))
  }
  await promisify(execFile)(ESBUILD, args, { cwd: join(FOLDER, String(Properties["CodeUri"])) })
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

const ONE = {
  Target: "target",
  Format: "format",
  MainFields: "main-fields",
  SourcesContent: "sources-content",
}
const MANY = { External: "external", Loader: "loader", OutExtension: "out-extension", Banner: "banner" }
const BOOLEAN = { Minify: "minify", Sourcemap: "sourcemap" }

function flags(name: string, value: Json): string[] {
  if (has(BOOLEAN, name)) return value === true ? [`--${BOOLEAN[name]}`] : []
  if (has(ONE, name)) return [`--${ONE[name]}=${String(value)}`]
  if (has(MANY, name)) return listed(value).map((one) => `--${MANY[name]}:${one}`)
  throw new Error(`sam build knows no property ${name}`)
}

function has<T extends object>(names: T, name: string): name is keyof T & string {
  return Object.hasOwn(names, name)
}

function listed(value: Json | undefined): string[] {
  if (!Array.isArray(value)) throw new Error("sam build wants a list here")
  return value.map(String)
}
