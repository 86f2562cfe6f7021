import { Missing } from "./missing.mjs"
import { ask, run } from "./run.mjs"

/**
 * Installs the first of these Debian packages that there is, as root or through a sudo that asks for no password.
 *
 * @throws Missing when we may not: `lack`, the command that would do it, and `hint`.
 */
export async function installFirst(names, { lack, hint, env }) {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"]
  if (asRoot.length > 0 && ask("sudo", ["-n", "true"], env) === undefined) {
    throw new Missing(`${lack}: sudo apt-get install ${names[0]}, ${hint}`)
  }
  const apt = (...args) => {
    const quiet = ["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    const [command, ...rest] = [...asRoot, ...quiet, ...args]
    return run(command, rest, env)
  }
  console.log(`» apt-get install ${names[0]}`)
  await apt("update")
  for (const name of names) {
    const code = await apt("install", "--yes", "--no-install-recommends", name)
    if (code === 0) return
  }
}
