import { accessSync, constants, statSync } from "node:fs"
import { delimiter } from "node:path"

/** The folders of the PATH. */
export function pathOf(env) {
  return (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
}

/** Whether this is a file that can be run. */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
