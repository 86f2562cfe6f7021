import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Missing } from "./missing.mjs"
import { ask, run } from "./run.mjs"

const MIN_NPM = 9
/** What the scripts, vitest and type stripping need of a Node that is not the project's own. */
const MIN_SYSTEM_NODE = [22, 18]

/** Installs the packages when they are missing or older than the lockfile. */
export async function installPackages(root) {
  if (isInstalled(root)) return
  checkNpm()
  console.log("» packages: npm ci")
  const code = await npm([
    "ci",
    "--loglevel=error",
    "--include=dev",
    "--engine-strict=false",
    "--no-audit",
    "--no-fund",
  ])
  if (code !== 0) throw new Missing("npm ci failed; its own words stand above (it needs the npm registry)")
  writeFileSync(stampFile(root), stampOf(root))
}

/** The Node that builds and tests: the project's own, or with `WARMPOOL_NODE=system` the one that runs this file. */
export async function chooseNode(root) {
  const wish = process.env.WARMPOOL_NODE ?? ""
  if (wish === "system") return systemNode()
  if (wish !== "") throw new Missing(`WARMPOOL_NODE is "${wish}": unset it, or set it to "system"`)
  const node = join(root, "node_modules/node/bin/node")
  if (existsSync(node)) return node
  // `ignore-scripts` in someone's npm configuration keeps the binary away.
  await npm(["rebuild", "node", "--loglevel=error", "--ignore-scripts=false"])
  if (existsSync(node)) return node
  throw new Missing(
    "the project's own Node is missing: rm -r node_modules and try again, or set WARMPOOL_NODE=system",
  )
}

/** Under npm, `node` is the project's own as soon as that is installed; npm names the one it runs under itself. */
function systemNode() {
  const node = process.env.npm_node_execpath ?? process.execPath
  const version = ask(node, ["--version"])?.slice(1) ?? "unknown"
  const [major, minor] = version.split(".").map(Number)
  const [minMajor, minMinor] = MIN_SYSTEM_NODE
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return node
  const wanted = MIN_SYSTEM_NODE.join(".")
  throw new Missing(
    `WARMPOOL_NODE=system needs Node ${wanted} or newer, this is ${version}: unset it, or get a newer Node`,
  )
}

/** npm as it was called, else the one on the PATH. */
function npm(args) {
  const script = process.env.npm_execpath ?? ""
  const env = { ...process.env, npm_config_update_notifier: "false" }
  return /npm-cli\.[cm]?js$/.test(script)
    ? run(process.execPath, [script, ...args], env)
    : run("npm", args, env)
}

function checkNpm() {
  const version =
    /^npm\/([\d.]+)/.exec(process.env.npm_config_user_agent ?? "")?.[1] ?? ask("npm", ["--version"])
  if (version === undefined)
    throw new Missing("npm is not on the PATH: it comes with Node, https://nodejs.org")
  if (Number(version.split(".")[0]) >= MIN_NPM) return
  throw new Missing(`npm ${version} is too old: npm install --global npm@${MIN_NPM} or newer`)
}

/** Whether what is installed is what the lockfile names. */
export function isInstalled(root) {
  const stamp = stampFile(root)
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === stampOf(root)) return true
  if (!matchesLockfile(root)) return false
  writeFileSync(stamp, stampOf(root))
  return true
}

/** An `npm install` by hand counts: npm notes what it installed beside the packages. */
function matchesLockfile(root) {
  const note = join(root, "node_modules/.package-lock.json")
  if (!existsSync(note)) return false
  const installed = JSON.parse(readFileSync(note, "utf8")).packages
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.includes("node_modules/") || optional) return true
    return link ? installed[path]?.link : installed[path]?.version === version
  })
}

function stampOf(root) {
  const lock = readFileSync(join(root, "package-lock.json"))
  return createHash("sha256").update(`${process.platform} ${process.arch}\n`).update(lock).digest("hex")
}

function stampFile(root) {
  return join(root, "node_modules/.warmpool-stamp")
}
