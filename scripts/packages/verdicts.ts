import { readFile } from "node:fs/promises"
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import type { Tarball } from "./clean-build.ts"

/** What publint has against a package, warnings and suggestions included. */
export async function lintPackage({ path, manifest }: Tarball): Promise<readonly string[]> {
  const bytes = await readFile(path)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  return messages.map((message) => `${message.code}: ${formatMessage(message, manifest) ?? ""}`)
}

/** What "are the types wrong?" has against a package that is for ES modules only. */
export async function resolveTypes({ path }: Tarball): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(await readFile(path)))
  if (!result.types) return ["it has no types"]
  return result.problems
    .filter(concernsModules)
    .map((problem) => JSON.stringify({ ...problem, trace: undefined }))
}

/** The profile `esm-only`: not how CommonJS or Node before version 12 would resolve. */
function concernsModules(problem: Problem): boolean {
  if ("resolutionKind" in problem) return !["node10", "node16-cjs"].includes(problem.resolutionKind)
  return !("resolutionOption" in problem && problem.resolutionOption === "node10")
}
