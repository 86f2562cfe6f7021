import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Contestant } from "../contestants.ts"
import type { Jobs } from "./jobs.ts"
import type { Answer, Birth } from "./protocol.ts"

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url))

interface Waiter {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** A process of its own with one client in it: no contestant shares a heap, a compiler or a clock of CPU time. */
export class Peer implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #waiters = new Map<number, Waiter>()
  #orders = 0

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    child.on("message", (answer: Answer) => this.#settle(answer))
    child.once("exit", (code, signal) => this.#fail(new Error(`${name} ended with ${code ?? signal}`)))
  }

  /** Starts one; resolves when its client is connected. */
  static async start({ name, client }: Contestant, url: string): Promise<Peer> {
    const birth: Birth = { client, url }
    const execArgv = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"]
    const peer = new Peer(name, fork(MAIN, [JSON.stringify(birth)], { execArgv }))
    await new Promise<unknown>((resolve, reject) => peer.#waiters.set(0, { resolve, reject }))
    return peer
  }

  /** Has a job done. The order is in the process's hands when this returns, even if it is frozen. */
  ask<K extends keyof Jobs>(job: K, details: Parameters<Jobs[K]>[1]): Promise<Awaited<ReturnType<Jobs[K]>>> {
    this.#orders += 1
    const id = this.#orders
    const answered = new Promise<unknown>((resolve, reject) => this.#waiters.set(id, { resolve, reject }))
    this.#child.send({ id, job, details })
    return answered as Promise<Awaited<ReturnType<Jobs[K]>>>
  }

  /** SIGSTOP; resolves when the process stands. */
  async freeze(): Promise<void> {
    this.#child.kill("SIGSTOP")
    while (!this.#isStopped()) await sleep(1)
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child.kill("SIGCONT")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await gone
  }

  #isStopped(): boolean {
    if (process.platform !== "linux") return true
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T")
  }

  #settle(answer: Answer): void {
    const id = "ready" in answer ? 0 : answer.id
    const waiter = this.#waiters.get(id)
    this.#waiters.delete(id)
    if ("error" in answer) waiter?.reject(new Error(`${this.name}: ${answer.error}`))
    else waiter?.resolve("ready" in answer ? undefined : answer.result)
  }

  #fail(error: Error): void {
    for (const waiter of this.#waiters.values()) waiter.reject(error)
    this.#waiters.clear()
  }
}

/** Peers that end together. */
export class Peers implements AsyncDisposable {
  readonly all: readonly Peer[]

  private constructor(all: readonly Peer[]) {
    this.all = all
  }

  /** Starts a process for each. */
  static async start(contestants: readonly Contestant[], url: string): Promise<Peers> {
    const started = await Promise.allSettled(contestants.map((contestant) => Peer.start(contestant, url)))
    const peers = new Peers(started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])))
    const failed = started.find((one) => one.status === "rejected")
    if (!failed) return peers
    await peers[Symbol.asyncDispose]()
    throw failed.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((peer) => peer[Symbol.asyncDispose]()))
  }
}
