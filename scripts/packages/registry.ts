import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import type { Tarball } from "./clean-build.ts"
import { type Manifest, manifestIn } from "./manifests.ts"

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Where a version of a package lies: ours packed, others' as npm installed them here. */
interface Version {
  readonly manifest: Manifest
  readonly path: string
}

/** An npm registry of what is on this machine, so that packages install as users install them, without a network. */
export class LocalRegistry implements AsyncDisposable {
  readonly #folder: string
  readonly #ours: ReadonlyMap<string, Tarball>
  /** The paths of what is installed, by name: a package may be there in several versions. */
  readonly #installed: ReadonlyMap<string, readonly string[]>
  readonly #server: Server

  private constructor(folder: string, ours: readonly Tarball[], installed: ReadonlyMap<string, string[]>) {
    this.#folder = folder
    this.#ours = new Map(ours.map((tarball) => [tarball.manifest.name, tarball]))
    this.#installed = installed
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** Starts one that serves these tarballs, and whatever the lockfile of this repository names. */
  static async start(ours: readonly Tarball[]): Promise<LocalRegistry> {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-registry-"))
    const registry = new LocalRegistry(folder, ours, await installedHere())
    registry.#server.listen(0, "127.0.0.1")
    await once(registry.#server, "listening")
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** `/<name>` is a document about all versions, `/-/<name>/<version>.tgz` is one of them. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? "/", this.url).pathname).slice(1)
    const [, name = path, version] = /^-\/(.+)\/([^/]+)\.tgz$/.exec(path) ?? []
    try {
      const versions = await this.#versions(name)
      const wanted = versions.find(({ manifest }) => manifest.version === version)
      if (wanted) {
        response.end(await this.#tarball(wanted))
      } else if (versions.length > 0) {
        response.end(JSON.stringify(this.#document(name, versions)))
      } else {
        response.writeHead(404).end("{}")
      }
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ error: String(error) }))
    }
  }

  async #versions(name: string): Promise<readonly Version[]> {
    const own = this.#ours.get(name)
    if (own) return [own]
    const paths = this.#installed.get(name) ?? []
    const found = await Promise.all(
      // What is for another machine is named by the lockfile, and not there.
      paths.map(async (path) => ({ manifest: await manifestIn(path).catch(() => undefined), path })),
    )
    return found.filter((version): version is Version => version.manifest !== undefined)
  }

  /** Without scripts: what is packed here is the installed package, which needs no install script any more. */
  #document(name: string, versions: readonly Version[]): object {
    const entries = versions.map(({ manifest: { scripts: _, ...manifest } }) => [
      manifest.version,
      { ...manifest, dist: { tarball: `${this.url}-/${name}/${manifest.version}.tgz` } },
    ])
    const [latest] = versions
    return {
      name,
      "dist-tags": { latest: latest?.manifest.version },
      versions: Object.fromEntries(entries),
      time: Object.fromEntries(versions.map(({ manifest }) => [manifest.version, "2020-01-01T00:00:00Z"])),
    }
  }

  async #tarball({ path }: Version): Promise<Uint8Array> {
    if (path.endsWith(".tgz")) return readFile(path)
    const around = await mkdtemp(join(this.#folder, "pack-"))
    await symlink(path, join(around, "package"))
    const args = ["-chf", "-", "--exclude", "package/node_modules", "-C", around, "package"]
    const { stdout } = await run("tar", args, { encoding: "buffer", maxBuffer: 256_000_000 })
    // It never leaves this machine: packing it small would only take time.
    return gzipSync(stdout, { level: 1 })
  }
}

async function installedHere(): Promise<ReadonlyMap<string, string[]>> {
  const { packages } = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"))
  const paths = new Map<string, string[]>()
  for (const path of Object.keys(packages)) {
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    if (name !== undefined) paths.set(name, [...(paths.get(name) ?? []), join(ROOT, path)])
  }
  return paths
}
