import { globSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly "timeout-minutes"?: number
  readonly permissions?: Readonly<Record<string, string>>
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: unknown
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const { scripts, engines } = JSON.parse(readFileSync("package.json", "utf8"))
const known = new Set(["test", ...Object.keys(scripts)])
const workflows = globSync(".github/workflows/*.yml").map((path) => {
  const text = readFileSync(path, "utf8")
  return { path, text, workflow: parse(text) as Workflow }
})

function workflowNamed(name: string): Workflow {
  const found = workflows.find(({ path }) => path.endsWith(`/${name}.yml`))
  if (!found) throw new Error(`there is no workflow ${name}`)
  return found.workflow
}

describe.each(workflows)("$path", ({ text, workflow }) => {
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps)
  /** Commands of other steps, and those that an action is told to run. */
  const commands = steps.flatMap(({ run, with: given }) => [run, ...Object.values(given ?? {})]).map(String)

  it("pins every action by its commit, and says which version that is", () => {
    const used = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line))

    expect(used).toHaveLength(steps.filter(({ uses }) => uses).length)
    expect(used.filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })

  it("calls scripts that there are", () => {
    const called = commands.flatMap((command) => [...command.matchAll(/\bnpm (?:run )?([\w:-]+)/g)])
    const names = called.map(([, name = ""]) => name)

    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  it("may do only what each job asks for, for a limited time", () => {
    expect(Object.values(workflow.permissions ?? { all: "write" })).not.toContain("write")
    expect(jobs.filter((job) => job["timeout-minutes"] === undefined)).toEqual([])
  })

  it("keeps expressions out of shells, where a branch's name would run", () => {
    expect(steps.filter(({ run }) => run?.includes("${{"))).toEqual([])
  })

  it("leaves no credentials in the checkout", () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))

    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([])
  })
})

describe("the workflow that tests", () => {
  const { jobs } = workflowNamed("ci")

  it("runs every Node that packages support, as the machine's own, against both servers", () => {
    expect(jobs["test"]?.strategy?.matrix).toEqual({ node: [22, 24, 26], server: ["redis", "valkey"] })
    expect(jobs["test"]?.env).toEqual({ WARMPOOL_NODE: "system" })
  })

  it("tries a fresh clone under the oldest Node that our commands start on", () => {
    const setUp = jobs["fresh"]?.steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"))

    expect(`>=${setUp?.with?.["node-version"]}`).toBe(engines.node)
  })
})

describe("the workflow that releases", () => {
  const { jobs } = workflowNamed("release")
  const steps = jobs["release"]?.steps ?? []

  it("tests, then publishes with provenance and without a token of npm's", () => {
    const at = (part: string): number => steps.findIndex((step) => JSON.stringify(step).includes(part))

    expect(jobs["release"]?.permissions).toMatchObject({ "id-token": "write" })
    expect(at("npm test")).toBeGreaterThan(0)
    expect(at("release:publish")).toBeGreaterThan(at("npm test"))
    expect(JSON.stringify(steps)).not.toMatch(/NODE_AUTH_TOKEN|NPM_TOKEN|secrets\./)
  })

  it("gives every published package the same version", () => {
    const { fixed } = JSON.parse(readFileSync(".changeset/config.json", "utf8"))
    const manifests = globSync("packages/*/package.json").map((path) =>
      JSON.parse(readFileSync(path, "utf8")),
    )

    expect(fixed).toEqual([["{@warmpool/*,warmpool}"]])
    expect(new Set(manifests.map(({ version }) => version)).size).toBe(1)
  })
})
