import { join } from "node:path"
import { installFirst } from "./apt.mjs"
import { Missing } from "./missing.mjs"
import { isProgram, pathOf } from "./programs.mjs"

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
/** Where it is although no PATH names it. */
const FOLDERS = ["/usr/bin", "/snap/bin"]
const MAC = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
const HINT = "or name one in WARMPOOL_CHROMIUM"

/**
 * The path of a Chromium; installs Debian's when there is none.
 *
 * @throws Missing when that is not possible here.
 */
export async function ensureBrowser({ env = process.env, folders = FOLDERS, fixed = MAC } = {}) {
  const named = env.WARMPOOL_CHROMIUM
  if (named) {
    if (isProgram(named)) return named
    throw new Missing("WARMPOOL_CHROMIUM does not name an executable file: mend or unset it")
  }
  const everywhere = [...pathOf(env), ...folders]
  const find = () =>
    [...NAMES.flatMap((name) => everywhere.map((folder) => join(folder, name))), ...fixed].find(isProgram)
  const found = find()
  if (found) return found
  if (!pathOf(env).some((folder) => isProgram(join(folder, "apt-get")))) {
    throw new Missing(`no Chromium on this machine: install it, or Chrome, ${HINT}`)
  }
  await installFirst(["chromium"], { lack: "no Chromium on this machine", hint: HINT, env })
  const path = find()
  if (path) return path
  throw new Missing(
    `no Chromium on this machine, and installing one failed (see above): do it yourself, ${HINT}`,
  )
}
