import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DevTools } from "./dev-tools.ts"

/** A headless Chromium with a profile of its own. Whoever starts it closes it. */
export interface Chromium extends AsyncDisposable {
  /** Opens a page in a new tab; resolves when it is loaded. */
  open(url: string): Promise<Tab>
}

/** One tab. */
export interface Tab {
  /** What an expression comes to, once it is no promise any more. */
  evaluate(expression: string): Promise<unknown>
  /** Loads the page again; resolves when it is loaded. */
  reload(): Promise<void>
  /** What the page logged as errors, exceptions included. */
  readonly errors: readonly string[]
}

const FLAGS = [
  "--headless",
  // Needs privileges that containers lack; the pages are ours.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--remote-debugging-port=0",
]

/** Starts the Chromium at WARMPOOL_CHROMIUM, which `npm run test:browser` sets. */
export async function startChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), "warmpool-chromium-"))
  const program = process.env["WARMPOOL_CHROMIUM"] ?? "chromium"
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  const ended = once(child, "close").catch(() => {})
  const end = async () => {
    child.kill("SIGKILL")
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    const tools = await DevTools.connect(await addressOf(child))
    return { open: (url) => openTab(tools, url), [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Where it listens for its developer tools, which it prints. */
function addressOf(child: ChildProcess): Promise<string> {
  let printed = ""
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => reject(new Error(`chromium ended with ${code}:\n${printed}`)))
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      printed += text
      const address = /DevTools listening on (ws:\S+)/.exec(printed)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}

async function openTab(tools: DevTools, url: string): Promise<Tab> {
  const { targetId } = await tools.send("Target.createTarget", { url: "about:blank" })
  const { sessionId } = await tools.send("Target.attachToTarget", { targetId, flatten: true })
  const session = String(sessionId)
  const errors: string[] = []
  tools.listen(session, "Runtime.exceptionThrown", (event) => errors.push(JSON.stringify(event)))
  tools.listen(session, "Runtime.consoleAPICalled", (event) => {
    if (event["type"] === "error") errors.push(JSON.stringify(event["args"]))
  })
  await tools.send("Page.enable", {}, session)
  await tools.send("Runtime.enable", {}, session)
  const loading = async (method: string, params: object) => {
    const loaded = tools.next(session, "Page.loadEventFired")
    await tools.send(method, params, session)
    await loaded
  }
  await loading("Page.navigate", { url })
  return {
    errors,
    reload: () => loading("Page.reload", {}),
    evaluate: async (expression) => {
      const params = { expression, awaitPromise: true, returnByValue: true }
      const { result, exceptionDetails } = await tools.send("Runtime.evaluate", params, session)
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return Object(result).value
    },
  }
}
