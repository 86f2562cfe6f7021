import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { describe, expect, it } from "vitest"

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports: unknown
  readonly [field: string]: unknown
}

interface Packed {
  readonly name: string
  readonly files: readonly { readonly path: string }[]
}

const folders = globSync("packages/*/package.json").map(dirname)
const manifests = folders
  .map((folder): Manifest => JSON.parse(readFileSync(`${folder}/package.json`, "utf8")))
  .filter((manifest) => manifest.private !== true)
const names = manifests.map(({ name }) => name)
const packed = pack()

function nameIn(folder: string): string {
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).name
}

/** What `npm publish` would send, by package. */
function pack(): Map<string, readonly string[]> {
  const workspaces = names.flatMap((name) => ["--workspace", name])
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", ...workspaces]
  const answer: unknown = JSON.parse(
    execFileSync("npm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  )
  const all = Object.values(answer ?? {}) as Packed[]
  return new Map(all.map(({ name, files }) => [name, files.map(({ path }) => path)]))
}

/** The files that an `exports` field leads to, whatever the conditions. */
function targets(exported: unknown): string[] {
  if (typeof exported === "string") return [exported.replace(/^\.\//, "")]
  return Object.values(exported ?? {}).flatMap(targets)
}

describe.each(manifests)("what is published of $name", (manifest) => {
  const files = packed.get(manifest.name) ?? []

  it("has a licence and a page", () => {
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]))
  })

  it("has everything that its exports lead to, types first", () => {
    const led = targets(manifest.exports)

    expect(led.length).toBeGreaterThan(0)
    expect(led.filter((target) => !files.includes(target))).toEqual([])
    expect(JSON.stringify(manifest.exports)).not.toMatch(/"default":"[^"]*","types"/)
  })

  it("has no sources, no tests and no leftovers of the build", () => {
    const surplus = /^(src|build)\/|\.(test|fixture)\.|tsbuildinfo|\.map$|tsconfig/

    expect(files.filter((file) => surplus.test(file))).toEqual([])
  })

  it("says what it is, and which Node it needs", () => {
    expect(manifest).toMatchObject({
      description: expect.any(String),
      license: "MIT",
      type: "module",
      engines: { node: ">=22" },
      keywords: expect.arrayContaining(["redis"]),
    })
  })

  it("leads to its source and to those who mend it, and is published for all to see where it was built", () => {
    const home = "https://github.com/warmpool/warmpool"
    const folder = folders.find((each) => nameIn(each) === manifest.name)

    expect(manifest).toMatchObject({
      homepage: `${home}/tree/main/${folder}#readme`,
      bugs: `${home}/issues`,
      repository: { type: "git", url: `git+${home}.git`, directory: folder },
      publishConfig: { access: "public", provenance: true },
    })
  })
})
