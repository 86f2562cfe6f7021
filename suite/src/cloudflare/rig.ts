import { connect } from "node:net"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { createRedis } from "@warmpool/core"
import { type ServedGateway, serveGateway } from "@warmpool/gateway/node"
import { type RedisServer, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { type BuildOptions, build } from "esbuild"
import { Miniflare, type WorkerOptions } from "miniflare"

/** The ways of a Worker to a server. */
export const WAYS = ["http", "tcp", "binding"] as const
export type Way = (typeof WAYS)[number]

/** What the gateway that stands for Upstash takes. */
export const TOKEN = "gateway-token"
export const COMPATIBILITY_DATE = "2026-07-01"

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The pool Worker of the examples. */
export const POOL = pathOf("../../../examples/cloudflare-worker/src/pool.ts")

/** Bundles a Worker as wrangler does, without `nodejs_compat` unless `node` says otherwise. */
export function bundle(entry: string, node: readonly string[] = []): Promise<string> {
  return bundled({ entryPoints: [entry.startsWith("/") ? entry : pathOf(entry)] }, node)
}

/** The same for a Worker that is given as text and imports files by their paths. */
export function bundleText(contents: string): Promise<string> {
  return bundled({ stdin: { contents, resolveDir: pathOf("."), loader: "ts" } }, [])
}

async function bundled(
  from: Pick<BuildOptions, "entryPoints" | "stdin">,
  node: readonly string[],
): Promise<string> {
  const { outputFiles } = await build({
    ...from,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*", ...node],
    logLevel: "error",
  })
  return outputFiles[0]?.text ?? ""
}

/** A Worker by its bundle. */
export function worker(name: string, script: string, options: Partial<WorkerOptions> = {}): WorkerOptions {
  return { name, modules: true, script, compatibilityDate: COMPATIBILITY_DATE, ...options } as WorkerOptions
}

/** The pool Worker, as wrangler would bind it. */
export function poolWorker(script: string, bindings: Readonly<Record<string, unknown>>): WorkerOptions {
  return worker("redis-pool", script, {
    bindings: bindings as Record<string, never>,
    durableObjects: { REDIS_POOL: { className: "RedisPool", useSQLite: true } },
  })
}

/** Binds the pool. */
export const BOUND = { REDIS: { name: "redis-pool", entrypoint: "RedisBinding" } } as const

/** A Worker in workerd, a server, and what lies between them. */
export interface Stage extends AsyncDisposable {
  readonly redis: RedisServer
  readonly url: URL
  /** The pool Worker is in the same runtime. */
  readonly runtime: Miniflare
  readonly options: { readonly workers: readonly WorkerOptions[] }
  readonly gateway: ServedGateway | undefined
}

/** What a stage is set with. */
export interface StageOptions {
  /** The Worker that is called over HTTP. */
  readonly app: string
  readonly way: Way
  readonly pool?: Readonly<Record<string, unknown>>
  /** @defaultValue the pool Worker of the examples */
  readonly poolEntry?: string
  readonly options?: Partial<WorkerOptions>
  readonly server?: { readonly args?: readonly string[] }
}

/** Starts a server and a Worker that has one way to it. */
export async function startStage({
  app,
  way,
  pool,
  poolEntry = POOL,
  server,
  options,
}: StageOptions): Promise<Stage> {
  const redis = await startRedis(server ?? {})
  const gateway = way === "http" ? await startGateway(redis) : undefined
  const bindings = {
    http: { UPSTASH_REDIS_REST_URL: gateway?.url ?? "", UPSTASH_REDIS_REST_TOKEN: TOKEN },
    tcp: { REDIS_URL: redis.url },
    binding: {},
  }[way]
  const workers = [
    worker("app", await bundle(app), {
      ...DIRECT,
      bindings,
      ...(way === "binding" && { serviceBindings: BOUND }),
      ...options,
    }),
    ...(way === "binding" ? [poolWorker(await bundle(poolEntry), { REDIS_URL: redis.url, ...pool })] : []),
  ]
  const runtime = new Miniflare({ workers, handleRuntimeStdio: hush })
  const url = await directUrl(runtime)
  return {
    redis,
    url,
    runtime,
    options: { workers },
    gateway,
    async [Symbol.asyncDispose]() {
      await runtime.dispose()
      await gateway?.drain()
      await redis.close()
    },
  }
}

/** An Upstash-compatible server in front of `redis`. */
export async function startGateway(redis: RedisServer): Promise<ServedGateway> {
  const client = createRedis({ transport: socketTransport({ url: redis.url }), commandTimeoutMs: 10_000 })
  return serveGateway({ redis: client, tokens: TOKEN, port: 0, signals: [], drainGraceMs: 0 })
}

/** Where the Worker itself listens: Miniflare's own server in front of it hides that a caller hung up. */
export const DIRECT = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] } as const

export async function directUrl(runtime: Miniflare): Promise<URL> {
  await runtime.ready
  return runtime.unsafeGetDirectURL("app")
}

/** Asks, and resets the connection on `hangUp`, as the edge of Cloudflare ends a request whose caller is gone. */
export function askAndHangUp(stage: Stage, ...task: readonly (string | number)[]): { hangUp(): void } {
  const query = new URLSearchParams(task.map((value): [string, string] => ["task", String(value)]))
  const socket = connect(Number(stage.url.port), stage.url.hostname)
  socket.on("error", () => undefined)
  socket.resume()
  socket.write(`GET /?${query} HTTP/1.1\r\nHost: app\r\n\r\n`)
  return { hangUp: () => socket.resetAndDestroy() }
}

/** Workers that fail on purpose fill the terminal. */
export function hush(...outputs: readonly [Readable, Readable]): void {
  for (const output of outputs) output.resume()
}

/** A Worker as Miniflare lets a test call it, past its server. */
export interface CalledWorker {
  fetch(url: string): Promise<Response>
  scheduled(options: { readonly cron: string }): Promise<unknown>
  queue(name: string, messages: readonly object[]): Promise<unknown>
}

/** Miniflare's own type is made of those of Workers, which the suite does not know. */
export async function workerNamed(stage: Stage, name: string): Promise<CalledWorker> {
  const found: unknown = await stage.runtime.getWorker(name)
  return found as CalledWorker
}

/** Calls a task of `tasks.fixture.ts`. */
export async function ask(
  stage: Stage,
  task: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const query = new URLSearchParams([task, ...args].map((value): [string, string] => ["task", String(value)]))
  const response = await fetch(new URL(`/?${query}`, stage.url))
  const { is, error }: { is?: unknown; error?: string } = JSON.parse(await response.text())
  return error ?? is
}

/** How often anybody connected to the server since it started, this question's own connection included. */
export async function connectionsReceived(redis: RedisServer): Promise<number> {
  const stats = String(await redis.command("INFO", "stats"))
  return Number(/total_connections_received:(\d+)/.exec(stats)?.[1])
}
