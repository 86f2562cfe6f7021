import { setTimeout as wait } from "node:timers/promises"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { copyNextApp, type NextApp, type NextServer, textOf } from "./next-app.ts"

/** Next.js compiles, and two cores may have other things to do. */
const PATIENT_MS = 240_000
const RELOADS = 50

async function htmlOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}

/** Resolves when the page shows it: the watcher of files says nothing to those outside. */
async function shows(next: NextServer, text: string): Promise<void> {
  const giveUpAt = performance.now() + 60_000
  for (let html = ""; !html.includes(text); html = await htmlOf(next.url)) {
    if (performance.now() > giveUpAt) throw new Error(`the page never showed "${text}":\n${next.output}`)
    await wait(20)
  }
}

describe("the example, built and started", () => {
  let server: RedisServer
  let app: NextApp
  let next: NextServer
  let printed: string

  beforeAll(async () => {
    app = copyNextApp()
    // Nothing says where a server is: a build must not need one.
    printed = await app.build()
    server = await startRedis()
    next = await app.serve("start", { REDIS_URL: server.url })
  }, PATIENT_MS)

  afterAll(async () => {
    await next?.[Symbol.asyncDispose]()
    await server?.close()
    app?.[Symbol.dispose]()
  })

  it("builds where no variable names a server", () => {
    expect(printed).toContain("Compiled successfully")
    expect(printed).toMatch(/ƒ \/api\/visits/)
  })

  it("counts each visit in the page's HTML", async () => {
    const first = Number(textOf(await htmlOf(next.url), "visits"))
    const second = Number(textOf(await htmlOf(next.url), "visits"))

    expect(second).toBe(first + 1)
    expect(await server.command("GET", "visits")).toBe(String(second))
  })

  it("counts in a route handler, too", async () => {
    const before = Number(textOf(await htmlOf(next.url), "visits"))

    const answer = await (await fetch(`${next.url}/api/visits`)).json()

    expect(answer).toEqual({ visits: before + 1 })
  })

  it("counts what a server action does", async () => {
    const html = await htmlOf(next.url)
    const form = new FormData()
    const hidden = html.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)
    for (const [, name = "", value = ""] of hidden) form.append(name, value)

    const answer = await fetch(next.url, { method: "POST", body: form })

    expect(answer.status).toBe(200)
    expect(Number(textOf(await answer.text(), "likes"))).toBe(Number(textOf(html, "likes")) + 1)
  })

  it("serves pages and routes side by side over one connection, each with a count of its own", async () => {
    const seen: string[] = []
    // Next renders a wave in one turn of its loop; a larger one would take longer than a command may.
    for (let wave = 0; wave < 5; wave++) {
      const paths = Array.from({ length: 20 }, (_, index) => (index % 2 ? "/" : "/api/visits"))
      const texts = await Promise.all(paths.map((path) => htmlOf(`${next.url}${path}`)))
      seen.push(...texts.map((text) => textOf(text, "visits") ?? String(/"visits":(\d+)/.exec(text)?.[1])))
    }

    expect(seen.filter((visits) => /^\d+$/.test(visits))).toHaveLength(100)
    expect(new Set(seen).size).toBe(100)
    expect(await server.clients()).toHaveLength(1)
  })

  it("keeps what is cached in Redis until its tag is revalidated", async () => {
    const url = `${next.url}/cached`
    const drawn = async () => textOf(await htmlOf(url), "drawn")
    const first = await drawn()
    const again = await drawn()

    await fetch(`${next.url}/api/redraw`, { method: "POST" })
    const anew = await drawn()

    expect(again).toBe(first)
    expect(Number(anew)).toBe(Number(first) + 1)
    expect(await drawn()).toBe(anew)
  })

  it("hands what is cached to another instance, which revalidates it for both", async () => {
    await using other = await app.serve("start", { REDIS_URL: server.url })
    const drawn = async (url: string) => textOf(await htmlOf(`${url}/cached`), "drawn")
    const here = await drawn(next.url)

    const there = await drawn(other.url)
    await fetch(`${other.url}/api/redraw`, { method: "POST" })
    const anew = [await drawn(other.url), await drawn(next.url)]

    expect(there).toBe(here)
    expect(anew).toEqual([String(Number(here) + 1), String(Number(here) + 1)])
  })
})

describe("the example, built by webpack", () => {
  it("counts as the one that Turbopack built", { timeout: PATIENT_MS }, async () => {
    using app = copyNextApp()
    await using server = await startRedis()
    await app.build("webpack")
    await using next = await app.serve("start", { REDIS_URL: server.url })

    expect(textOf(await htmlOf(next.url), "visits")).toBe("1")
    expect(await (await fetch(`${next.url}/api/visits`)).json()).toMatchObject({ visits: 2 })
  })
})

describe("hot reloads in next dev", () => {
  /** What the module that is edited says, by its edition. */
  const modules = {
    "with the client at module scope": () =>
      'import { createRedis } from "@warmpool/vercel"\nconst redis = createRedis()',
    "with another configuration each time": (edition: number) =>
      `import { createRedis } from "@warmpool/vercel"\nconst redis = createRedis({ commandTimeoutMs: ${5_000 + edition} })`,
    "with an ioredis client at module scope": () =>
      'import { Redis } from "ioredis"\nconst redis = new Redis(process.env["REDIS_URL"] ?? "")',
  }
  const PAGE = `import { seen } from "./client.ts"
export const dynamic = "force-dynamic"
export default async function Page() {
  return <p id="seen">{await seen()}</p>
}
`

  /** Edits the module so often, asks for the page until it shows each edition, and gives how many connections there were. */
  async function reload(name: keyof typeof modules, editions: number): Promise<number[]> {
    using app = copyNextApp()
    const edit = (edition: number) =>
      app.write(
        "app/client.ts",
        `${modules[name](edition)}\nexport const seen = async () => "edition ${edition}: " + (await redis.incr("seen"))\n`,
      )
    edit(0)
    app.write("app/page.tsx", PAGE)
    await using server = await startRedis()
    await using next = await app.serve("dev", { REDIS_URL: server.url })
    const counts: number[] = []
    for (let edition = 0; edition <= editions; edition++) {
      if (edition > 0) edit(edition)
      await shows(next, `edition ${edition}: `)
      counts.push((await server.clients()).length)
    }
    return counts
  }

  it.each(["with the client at module scope", "with another configuration each time"] as const)(
    `leave one connection after ${RELOADS}, %s`,
    async (name) => {
      const counts = await reload(name, RELOADS)

      // A connection that is replaced stays until its last reply.
      expect(Math.max(...counts)).toBeLessThanOrEqual(2)
      expect(counts.filter((count) => count > 1).length).toBeLessThan(RELOADS / 4)
      expect(counts).toHaveLength(RELOADS + 1)
    },
    PATIENT_MS,
  )

  it(
    "pile connections up where nobody minds, which is what the others are compared with",
    async () => {
      const counts = await reload("with an ioredis client at module scope", 5)

      expect(counts).toEqual([1, 2, 3, 4, 5, 6])
    },
    PATIENT_MS,
  )
})
