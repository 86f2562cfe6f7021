import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ensureBrowser } from "./browser.mjs"
import { Missing } from "./missing.mjs"
import { ask, run } from "./run.mjs"

const checks = {
  lint: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  types: ["node_modules/typescript/bin/tsc", "--project", "tsconfig.test.json"],
  unused: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"],
}

/**
 * The tasks by name, and the redis-server each needs: its `own`, `any` (the one at REDIS_URL will do), or `none`.
 * Each is given `{ root, node, args, env }` and gives an exit code.
 */
export const tasks = {
  test: { redis: "own", run: test },
  soak: { redis: "own", run: soak },
  browser: { redis: "own", run: browser },
  demo: { redis: "any", run: demo },
  bench: { redis: "own", run: bench },
  check: { redis: "none", run: check },
  build: { redis: "none", run: build },
  api: { redis: "none", run: api },
  lint: { redis: "none", run: (context) => step(context, "lint") },
}

/** The checks, each counted as one, and every test; with arguments only the tests that match them. */
async function test(context) {
  if ((await build(context)) !== 0) return report({ passed: 0, failed: 1 })
  const codes = []
  if (context.args.length === 0) for (const name of Object.keys(checks)) codes.push(await step(context, name))
  const tests = await vitest(context)
  return report({
    passed: tests.passed + codes.filter((code) => code === 0).length,
    failed: tests.failed + codes.filter((code) => code !== 0).length,
  })
}

/** The suites that cross packages, with many more rounds. */
async function soak(context) {
  if ((await build(context)) !== 0) return report({ passed: 0, failed: 1 })
  const args = context.args.length > 0 ? context.args : ["suite/"]
  return report(await vitest({ ...context, args, env: { ...context.env, WARMPOOL_SOAK: "1" } }))
}

/** What only a browser shows. */
async function browser(context) {
  const WARMPOOL_CHROMIUM = await ensureBrowser()
  if ((await build(context)) !== 0) return report({ passed: 0, failed: 1 })
  const args = ["--config", "vitest.browser.config.ts", ...context.args]
  return report(await vitest({ ...context, args, env: { ...context.env, WARMPOOL_CHROMIUM } }))
}

async function demo(context) {
  const script = "scripts/demo.ts"
  if (!existsSync(script)) throw new Missing(`there is no ${script} in this checkout`)
  const code = await build(context)
  if (code !== 0) return code
  return run(context.node, ["--experimental-strip-types", script, ...context.args], context.env)
}

/** Every bench, or those named; the report is written again from what is known. */
async function bench(context) {
  const code = await build(context)
  if (code !== 0) return code
  return run(context.node, ["--experimental-strip-types", "bench/src/main.ts", ...context.args], context.env)
}

/** The API reference, from the doc comments; the build makes some of what they stand in. */
async function api(context) {
  const code = await build(context)
  if (code !== 0) return code
  return run(context.node, ["--experimental-strip-types", "scripts/api/generate.ts"], context.env)
}

async function check(context) {
  let worst = await build(context)
  for (const name of Object.keys(checks)) worst = Math.max(worst, await step(context, name))
  return worst
}

/** Through turbo, which skips what did not change; package by package where turbo has no program for this machine. */
async function build({ root, env }) {
  const turbo = join(root, "node_modules/.bin/turbo")
  const started = Date.now()
  console.log("» build")
  const code = await run(turbo, ["run", "build", "--output-logs=errors-only", "--log-order=grouped"], env)
  if (code === 0 || ask(turbo, ["--version"]) !== undefined) return tell("build", code, started)
  console.log("turbo does not run on this machine: building package by package")
  return tell("build", await run("npm", ["run", "build", "--workspaces", "--if-present"], env), started)
}

async function step({ node, env }, name) {
  const started = Date.now()
  console.log(`» ${name}`)
  return tell(name, await run(node, checks[name], env), started)
}

/** Runs vitest; gives what its tally says really ran. No tally, or nothing in it, is a failure. */
async function vitest({ root, node, args, env }) {
  const folder = join(root, "node_modules/.cache/warmpool")
  const tally = join(folder, `tally-${process.pid}.json`)
  mkdirSync(folder, { recursive: true })
  console.log("» tests")
  const code = await run(node, ["node_modules/vitest/vitest.mjs", "run", ...args], {
    ...env,
    WARMPOOL_TALLY: tally,
  })
  const { passed, failed } = existsSync(tally)
    ? JSON.parse(readFileSync(tally, "utf8"))
    : { passed: 0, failed: 0 }
  rmSync(tally, { force: true })
  if (passed + failed === 0) console.log("no test ran")
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed }
}

function tell(name, code, started) {
  const seconds = ((Date.now() - started) / 1_000).toFixed(1)
  console.log(code === 0 ? `  ${name}: passed in ${seconds} s` : `  ${name}: FAILED after ${seconds} s`)
  return code
}

function report({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
