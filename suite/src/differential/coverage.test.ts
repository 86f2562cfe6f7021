import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { usePair } from "./pair.ts"
import { ordinary, special } from "./tables/index.ts"
import { leftOut } from "./tables/left-out.ts"

/** One line of COMMAND: its name first, its subcommands (as lines of their own) tenth, since Redis 7. */
type CommandLine = readonly [name: string, ...unknown[]]

/** What COMMAND tells, subcommands as `config|get`; modules bring commands of their own, which `call` carries. */
function namesOf(lines: readonly CommandLine[]): readonly string[] {
  return lines
    .flatMap((line) => [line[0], ...namesOf((line[9] ?? []) as readonly CommandLine[])])
    .filter((name) => !name.includes("."))
}

/** What the scripts run: every command, and every command with its first word. */
function namesInScripts(): ReadonlySet<string> {
  const steps = [...ordinary, ...special].flatMap((script) => script.steps)
  return new Set(steps.flatMap(({ name, words }) => [name, `${name}|${String(words[0]).toLowerCase()}`]))
}

/** Names of commands: what has a twin that gives bytes. `call` is none. */
function methodsOf(client: object): readonly string[] {
  const names: string[] = []
  for (let at = client; at !== Object.prototype; at = Object.getPrototypeOf(at))
    names.push(...Object.getOwnPropertyNames(at))
  return names.filter((name) => name !== "call" && names.includes(`${name}Buffer`))
}

const [transport] = transports

describe("the tables of commands", () => {
  const pair = usePair(transport ?? { name: "none", open: () => expect.fail("there is no transport") })

  it("hold every command and subcommand that the server knows, or say why not", async () => {
    const known = namesOf((await pair.theirs.call("COMMAND")) as CommandLine[])
    const run = namesInScripts()

    const missing = known.filter((name) => !run.has(name) && !leftOut.has(name))

    expect(known.length).toBeGreaterThan(200)
    expect(missing).toEqual([])
  })

  it("leave nothing out that they run", () => {
    const run = namesInScripts()

    expect([...leftOut.keys()].filter((name) => run.has(name))).toEqual([])
  })

  it("hold every command that the client has a method for, known to this server or not", () => {
    const run = namesInScripts()

    const missing = methodsOf(pair.ours).filter((name) => !run.has(name) && !leftOut.has(name))

    expect(missing).toEqual([])
  })

  it("leave out every command of the server that has no method", async () => {
    const known = namesOf((await pair.theirs.call("COMMAND")) as CommandLine[])

    const without = known.filter((name) => !name.includes("|") && !leftOut.has(name) && !(name in pair.ours))

    expect(without).toEqual([])
  })
})
