import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Bundler, withEsbuild, withVite, withWrangler } from "./bundlers.ts"
import { CleanBuild, type Tarball } from "./clean-build.ts"
import { entriesOf, type Imported, importAll, isForWorkerd, optionalPeersOf } from "./entries.ts"
import type { Manifest } from "./manifests.ts"
import { CALLERS, programOf } from "./printed.ts"
import { PROGRAMS, WORKER } from "./programs.ts"
import { EmptyProject, type Installer } from "./project.ts"
import { LocalRegistry } from "./registry.ts"
import { SIZES, sizeOf } from "./sizes.ts"
import { typeCheck } from "./type-check.ts"
import { lintPackage, resolveTypes } from "./verdicts.ts"
import { askWorker } from "./workerd.ts"

const manifests = globSync("packages/*/package.json").map(
  (path): Manifest => JSON.parse(readFileSync(path, "utf8")),
)
const ours = Object.fromEntries(manifests.map(({ name, version }) => [name, version]))
const { "@warmpool/ioredis": _, ...withoutIoredis } = ours
const onNode = manifests.flatMap(entriesOf).filter((entry) => !isForWorkerd(entry))
const inWorkerd = manifests.flatMap(entriesOf).filter(isForWorkerd)

const TYPES = { "@types/node": "*", "@cloudflare/workers-types": "*" }
/** The optional peers of all packages that are not ours. */
const PEERS = { "@aws-sdk/client-lambda": "*", "@opentelemetry/api": "*", vitest: "*" }

/** A project, and what became of the entries that are for Node. */
interface Place {
  readonly project: EmptyProject
  readonly imported: ReadonlyMap<string, Imported>
}

let clean: CleanBuild
let registry: LocalRegistry
let server: RedisServer
/** With every peer. */
let npm: Place
/** With no optional peer but ours. */
let pnpm: Place
/** With no optional peer, and no ioredis anywhere. */
let alone: Place

async function installIn(
  name: string,
  installer: Installer,
  dependencies: Readonly<Record<string, string>>,
): Promise<Place> {
  const options = { installer, registry: registry.url, dependencies }
  const project = await EmptyProject.make(join(clean.folder, name), options)
  const entries = onNode.filter((entry) => Object.keys(dependencies).some((each) => isOf(entry, each)))
  return { project, imported: await importAll(project, entries) }
}

beforeAll(async () => {
  ;[clean, server] = await Promise.all([CleanBuild.make(), startRedis()])
  registry = await LocalRegistry.start(clean.tarballs)
  const installs = [
    installIn("npm", "npm", { ...ours, ...TYPES, ...PEERS }),
    installIn("pnpm", "pnpm", ours).then(async (first) => {
      // One after the other: they share what was fetched.
      return [first, await installIn("alone", "pnpm", { ...withoutIoredis, ...TYPES })] as const
    }),
  ] as const
  const [byNpm, [byPnpm, withoutPeers]] = await Promise.all(installs)
  npm = byNpm
  pnpm = byPnpm
  alone = withoutPeers
}, 240_000)

afterAll(async () => {
  await Promise.all([registry?.[Symbol.asyncDispose](), server?.close()])
  await clean?.[Symbol.asyncDispose]()
})

/** Whether an entry is one of this package's. */
function isOf(entry: string, name: string): boolean {
  return entry === name || entry.startsWith(`${name}/`)
}

function tarballOf(name: string): Tarball {
  const tarball = clean.tarballs.find(({ manifest }) => manifest.name === name)
  if (!tarball) throw new Error(`npm packed no ${name}`)
  return tarball
}

/** The name of the package that a failed import lacks. */
function missing({ failure = "" }: Imported): string | undefined {
  return /^Cannot find package '((?:@[^/']+\/)?[^/']+)/.exec(failure)?.[1]
}

describe.each(manifests)("the package $name", (manifest) => {
  const { name } = manifest

  it("builds from its sources alone", () => {
    expect(clean.failures.get(name)).toBe(undefined)
  })

  it("is faultless to publint, suggestions included", async () => {
    expect(await lintPackage(tarballOf(name))).toEqual([])
  })

  it.each(entriesOf(manifest).filter((entry) => !isForWorkerd(entry)))(
    "exports something from %s",
    (entry) => {
      expect(npm.imported.get(entry)).toEqual({ names: expect.arrayContaining([expect.any(String)]) })
    },
  )

  it("needs nothing that it does not declare", () => {
    const lacking = [pnpm, alone].flatMap(({ imported }) =>
      entriesOf(manifest).map((entry) => imported.get(entry)),
    )
    const failed = lacking.filter((found) => found?.failure !== undefined)

    expect(failed.filter((found) => !optionalPeersOf(manifest).includes(missing(found ?? {}) ?? ""))).toEqual(
      [],
    )
  })
})

it.each(manifests.filter((manifest) => entriesOf(manifest).length > 0))(
  "the types of $name resolve wherever its modules do",
  async ({ name }) => {
    expect(await resolveTypes(tarballOf(name))).toEqual([])
  },
)

describe.each(["npm", "pnpm"] as const)("installed with %s", (installer) => {
  const place = (): Place => (installer === "npm" ? npm : pnpm)

  it("there is nothing to warn of", () => {
    expect(place().project.installed).toMatchObject({ code: 0, stderr: "" })
  })

  it.each(Object.entries(PROGRAMS))("%s works", async (name, source) => {
    const { project } = place()
    const file = `try-${name.replace(/\W/g, "-")}.js`
    await project.write(file, source)

    const said = await project.run([process.execPath, file, `${name}, ${installer}`], {
      REDIS_URL: server.url,
    })

    expect(said).toEqual({ code: 0, stdout: "1\n", stderr: "" })
  })
})

describe("the packages together", () => {
  it("have complete types beside ioredis and every peer", async () => {
    expect(await typeCheck(npm.project, onNode, { types: ["node"] })).toBe("")
  })

  it("have complete types where there is no ioredis and no optional peer", async () => {
    const entries = [...alone.imported].filter(([, { names }]) => names).map(([entry]) => entry)

    expect(entries).toContain("@warmpool/lambda")
    expect(entries).not.toContain("@warmpool/lambda/cluster")
    expect(await typeCheck(alone.project, entries, { types: ["node"] })).toBe("")
  })

  it("have complete types in a Worker", async () => {
    const globals = { types: ["@cloudflare/workers-types"], conditions: ["workerd"] }

    expect(await typeCheck(npm.project, inWorkerd, globals)).toBe("")
  })

  it("export something from each entry for workerd, in workerd", async () => {
    const imports = inWorkerd.map((entry, index) => `import * as e${index} from "${entry}"`)
    const names = inWorkerd.map((entry, index) => `"${entry}": Object.keys(e${index})`)
    const answer = `export default { fetch: () => Response.json({ ${names.join(", ")} }) }`

    const exported = await askWorker(npm.project.folder, [...imports, answer].join("\n"))

    const some = inWorkerd.map((entry) => [entry, expect.arrayContaining([expect.any(String)])])
    expect(exported).toEqual(Object.fromEntries(some))
  })

  it.each(["npm", "pnpm"] as const)("work in a Worker, installed with %s", async (installer) => {
    const { project } = installer === "npm" ? npm : pnpm
    const bindings = { REDIS_URL: server.url, KEY: `worker, ${installer}` }

    expect(await askWorker(project.folder, WORKER, bindings)).toBe(1)
  })

  it("are each tried by a program of a user's", () => {
    const tried = [...Object.keys(PROGRAMS), "@warmpool/cloudflare"]

    expect(tried.toSorted()).toEqual(Object.keys(ours).toSorted())
  })

  it.each(SIZES)("stay small: $what at most $limit kB, wanted $goal kB", async (size) => {
    expect(await sizeOf(size, npm.project.folder)).toBeLessThanOrEqual(size.limit)
  })
})

const FUNCTION = 'export { redis as default } from "@warmpool/vercel"'
const COUNTER = `
  import { withRedis } from "@warmpool/cloudflare"
  export default withRedis({ fetch: async (_request, _env, _ctx, redis) => Response.json(await redis.incr("n")) })`

describe("bundlers take of the packages what the runtime can run", () => {
  const onNode = [
    "@warmpool/vercel/dist/node.js",
    "@warmpool/socket/dist/node.js",
    "@warmpool/upstash/dist/node/transport.js",
  ]
  const atTheEdge = ["@warmpool/vercel/dist/edge.js", "@warmpool/upstash/dist/transport.js"]
  const inAWorker = ["@warmpool/cloudflare/dist/index.js", "@warmpool/socket/dist/workerd.js"]

  it.each<[string, Bundler, { program: string; takes: readonly string[]; leaves: readonly string[] }]>([
    [
      "esbuild for Node",
      withEsbuild({ platform: "node", conditions: [] }),
      { program: FUNCTION, takes: onNode, leaves: atTheEdge },
    ],
    [
      "esbuild for the Edge",
      withEsbuild({ platform: "neutral", conditions: ["edge-light"] }),
      { program: FUNCTION, takes: atTheEdge, leaves: onNode },
    ],
    ["Vite for Node", withVite("node"), { program: FUNCTION, takes: onNode, leaves: atTheEdge }],
    [
      "Vite for the Edge",
      withVite("webworker", ["edge-light"]),
      { program: FUNCTION, takes: atTheEdge, leaves: onNode },
    ],
    ["wrangler", withWrangler, { program: COUNTER, takes: inAWorker, leaves: onNode }],
  ])("%s", async (name, bundler, { program, takes, leaves }) => {
    const file = `${name.replaceAll(" ", "-")}.js`
    await npm.project.write(file, program)

    const taken = await bundler(npm.project.folder, file)

    expect(taken).toEqual(expect.arrayContaining([...takes]))
    expect(taken.filter((one) => leaves.includes(one))).toEqual([])
  })
})

describe("the programs that are printed", () => {
  const pageOf = (platform: string): string => `packages/${platform}/README.md`
  beforeEach(() => server.command("DEL", "visits"))

  it.each(["lambda", "vercel"] as const)("run as they stand in the page of %s", async (platform) => {
    const { project } = npm
    await project.write(`${platform}.ts`, programOf(pageOf(platform)))
    await project.write(`call-${platform}.js`, CALLERS[platform])

    const said = await project.run([process.execPath, `call-${platform}.js`], { REDIS_URL: server.url })

    expect(said).toMatchObject({ code: 0, stdout: '{"visits":1}\n' })
  })

  it("run as they stand in the page of cloudflare", async () => {
    const program = programOf(pageOf("cloudflare"))

    expect(await askWorker(npm.project.folder, program, { REDIS_URL: server.url })).toEqual({ visits: 1 })
  })

  it.each(["lambda", "cloudflare", "vercel"])("are the same in the first page: %s", (platform) => {
    expect(readFileSync("README.md", "utf8")).toContain(programOf(pageOf(platform)))
  })
})
