// A function under Fluid compute, with three clients of one server that differ in what becomes of their connections.
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { createRedis, type OnIdle, type Redis, withRedis } from "@warmpool/vercel/node"

type Wait = (promise: Promise<unknown>) => void
type Context = Record<string, unknown> & { readonly waitUntil: Wait }

const url = process.env["REDIS_URL"] ?? ""
/** Patient, because the machine may be busy. */
const limits = {
  validateAfterMs: 50,
  lingerMs: 20,
  max: 5,
  commandTimeoutMs: 10_000,
  acquireTimeoutMs: 10_000,
} as const
const clients: Record<string, Redis> = {}
for (const onIdle of ["close", "surplus", "keep"] satisfies OnIdle[]) {
  clients[onIdle] = createRedis({ ...limits, url, name: onIdle, onIdle })
}
/** Others of those that close all, each on its own. */
clients["crowd"] = createRedis({ ...limits, url, name: "crowd", validateAfterMs: 60_000 })
clients["later"] = createRedis({ ...limits, url, name: "later", lingerMs: 150 })

/** The client that a visit uses now, so that a wait can be told whose it is; nobody asks about other requests' waits. */
let using: string | undefined
const wrapped = new WeakMap<object, Context>()
const SOURCE = Symbol.for("@vercel/request-context")
const source: { get(): Context | undefined } = Reflect.get(globalThis, SOURCE)
const original = source.get.bind(source)
Reflect.set(globalThis, SOURCE, {
  get: () => {
    const context = original()
    if (context === undefined) return undefined
    const known = wrapped.get(context) ?? {
      ...context,
      waitUntil: reporting(context.waitUntil.bind(context)),
    }
    wrapped.set(context, known)
    return known
  },
})

/** Says, as soon as a wait is over, whose connections the server still has. */
function reporting(waitUntil: Wait): Wait {
  return (promise) => {
    const name = using
    if (name === undefined) return waitUntil(promise)
    waitUntil(
      promise.then(async () => console.log(`over ${JSON.stringify({ name, open: await openNow() })}`)),
    )
  }
}

/** The names of all connections, by a socket that no client of ours has anything to do with. */
async function openNow(): Promise<string[]> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end("CLIENT LIST\r\nQUIT\r\n")
  const list = await text(socket)
  return [...list.matchAll(/ name=(\S+)/g)].map(([, name]) => name ?? "")
}

function client(name: string): Redis {
  const redis = clients[name]
  if (redis === undefined) throw new Error(`there is no client ${name}`)
  return redis
}

/** Counts a visit through each client that the query names, and leases through those with a plus. */
async function visit(params: URLSearchParams): Promise<Response> {
  const counts: unknown[] = []
  for (const word of params.getAll("by")) {
    const name = word.replace("+", "")
    const redis = client(name)
    using = name
    if (word.endsWith("+")) await redis.use((lease) => lease.ping())
    counts.push(await redis.incr(`visits:${name}`))
  }
  using = undefined
  return Response.json(counts)
}

/** What nobody else's request may disturb: a value of its own, read in several ways. */
async function own(params: URLSearchParams): Promise<Response> {
  const id = params.get("id") ?? ""
  const redis = client("crowd")
  await redis.set(`own:${id}`, id)
  const many = await redis.pipeline().get(`own:${id}`).incr(`own:n:${id}`).exec()
  const leased =
    Number(id) % 10 === 0 ? await redis.use((lease) => lease.echo(id), undefined) : await redis.echo(id)
  return Response.json([await redis.get(`own:${id}`), many, leased])
}

/** Waits for what never comes, until its own deadline. */
async function late(): Promise<Response> {
  const startedAt = Date.now()
  const error = await client("crowd")
    .with({ timeoutMs: 60_000 })
    .blpop("never", 60)
    .catch((reason: Error) => reason.name)
  return Response.json({ error, ms: Date.now() - startedAt })
}

let open = 0
let most = 0
clients["crowd"]?.on("open", () => {
  open += 1
  most = Math.max(most, open)
})
clients["crowd"]?.on("close", () => {
  open -= 1
})

const brief = withRedis(client("crowd"), late, { maxDuration: 0.7 })
const paths: Record<string, (params: URLSearchParams) => Promise<Response>> = {
  "/visit": visit,
  "/own": withRedis(client("crowd"), own),
  "/late": () => brief(),
  "/stats": async () => Response.json({ most, ...client("crowd").stats() }),
}

export async function GET(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  return paths[pathname]?.(searchParams) ?? new Response("nothing here", { status: 404 })
}
