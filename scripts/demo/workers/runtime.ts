import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Miniflare, type WorkerOptions } from "miniflare"

const COMPATIBILITY_DATE = "2026-07-01"

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What a Worker is made of. */
export interface WorkerKind {
  readonly file: string
  readonly bindings: Readonly<Record<string, string>>
  /** ioredis needs Node's modules. */
  readonly node?: "nodejs_compat"
  /** Binds the pool Worker, which opens its connections to this server. */
  readonly pool?: { readonly redisUrl: string }
}

/** A Worker in Cloudflare's own runtime. */
export class Worker implements AsyncDisposable {
  readonly #runtime: Miniflare
  readonly #url: URL

  private constructor(runtime: Miniflare, url: URL) {
    this.#runtime = runtime
    this.#url = url
  }

  static async start({ file, bindings, node, pool }: WorkerKind): Promise<Worker> {
    const app: WorkerOptions = {
      name: "app",
      modules: true,
      script: await bundle(file, node),
      compatibilityDate: COMPATIBILITY_DATE,
      bindings: { ...bindings },
      ...(node && { compatibilityFlags: [node] }),
      ...(pool && { serviceBindings: { REDIS: { name: "redis-pool", entrypoint: "RedisBinding" } } }),
    }
    const runtime = new Miniflare({ workers: pool ? [app, await poolWorker(pool.redisUrl)] : [app] })
    return new Worker(runtime, await runtime.ready)
  }

  /** One request; undefined when the Worker failed or did not answer in time. */
  async visit(): Promise<number | undefined> {
    const startedAt = performance.now()
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(5_000) })
      await response.text()
      return response.ok ? performance.now() - startedAt : undefined
    } catch {
      // The runtime hung up, or the Worker hangs: either is a visit that failed, and counted as one.
      return undefined
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runtime.dispose()
  }
}

async function poolWorker(redisUrl: string): Promise<WorkerOptions> {
  return {
    name: "redis-pool",
    modules: true,
    script: await bundle("../../../examples/cloudflare-worker/src/pool.ts"),
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { REDIS_URL: redisUrl },
    durableObjects: { REDIS_POOL: { className: "RedisPool", useSQLite: true } },
  }
}

async function bundle(file: string, node?: "nodejs_compat"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [pathOf(file)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*"],
    logLevel: "error",
    ...(node && {
      platform: "node",
      // ioredis is CommonJS, whose `require` of Node's modules the bundle has to bring along.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/")' },
    }),
  })
  return outputFiles[0]?.text ?? ""
}
