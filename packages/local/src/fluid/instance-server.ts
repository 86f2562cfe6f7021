import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Guard } from "../guard.ts"
import { closeServer, listenOnLoopback } from "../lambda/http.ts"
import { InstanceEndedError } from "./errors.ts"
import { Instance, type InstancePlan, type InstanceState } from "./instance.ts"
import { Output } from "./output.ts"
import { refuse, relay } from "./relay.ts"

/** What instances have done so far. */
export interface InstanceStats {
  /** Instances started. */
  readonly instances: number
  /** Requests received. */
  readonly requests: number
  readonly suspensions: number
  /** Instances that ended without being told to. */
  readonly crashes: number
}

/** What every instance of a server shares. */
export type ServerPlan = Omit<InstancePlan, "guard" | "output" | "onState"> & {
  readonly port: number
  /** A folder of ours, removed at the end. */
  readonly folder?: string
  readonly log: (line: string) => void
}

interface Waiter {
  readonly state: InstanceState
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** An HTTP server in front of one instance at a time; the next request after its end starts another. */
export class InstanceServer {
  readonly #plan: ServerPlan
  readonly #guard: Guard
  readonly #server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  readonly #output: Output
  readonly #endings = new Set<Promise<void>>()
  readonly #stats = { instances: 0, requests: 0, suspensions: 0, crashes: 0 }
  #waiters: Waiter[] = []
  #latest: Instance | undefined
  #ready: Promise<Instance> | undefined
  #suspendedAt: number | undefined
  #port = 0
  #closed: Promise<void> | undefined

  constructor(plan: ServerPlan) {
    this.#plan = plan
    this.#guard = new Guard(plan.folder)
    this.#output = new Output(plan.log)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get state(): InstanceState {
    return this.#latest?.state ?? "ended"
  }

  get pid(): number | undefined {
    return this.state === "ended" ? undefined : this.#latest?.pid
  }

  get suspendedAt(): number | undefined {
    return this.#suspendedAt
  }

  get output(): string {
    return this.#output.text
  }

  get stats(): InstanceStats {
    return { ...this.#stats }
  }

  /**
   * Starts the first instance, then listens.
   *
   * @throws InstanceInitError when the instance does not come up.
   */
  async listen(): Promise<void> {
    try {
      await this.#instance()
      this.#port = await listenOnLoopback(this.#server, this.#plan.port)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /**
   * Resolves when the instance is in this state, or passes through it.
   *
   * @throws InstanceEndedError when it ends instead.
   */
  until(state: InstanceState): Promise<void> {
    if (this.state === state) return Promise.resolve()
    if (this.#closed) return Promise.reject(new InstanceEndedError(`it is closed, never ${state} again`))
    return new Promise((resolve, reject) => this.#waiters.push({ state, resolve, reject }))
  }

  /** SIGTERM, and SIGKILL after the grace; resolves when the process is gone. The next request starts another. */
  async terminate(): Promise<void> {
    const instance = this.#latest
    if (!instance || instance.state === "ended") return
    this.#ready = undefined
    const ending = instance.end()
    this.#endings.add(ending)
    await ending
    this.#endings.delete(ending)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await Promise.all([this.terminate(), ...this.#endings])
    if (this.#server.listening) await closeServer(this.#server)
    await this.#guard.close()
    this.#settle(() => false, "it is closed")
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#stats.requests += 1
    try {
      const instance = await this.#instance()
      if (outgoing.destroyed) return
      const id = `local::${this.#stats.requests}-${randomBytes(6).toString("hex")}`
      relay(instance, { id, incoming, outgoing })
    } catch (error) {
      refuse(outgoing, { status: 500, code: "FUNCTION_INVOCATION_FAILED", why: String(error) })
    }
  }

  #instance(): Promise<Instance> {
    if (this.#closed) return Promise.reject(new InstanceEndedError("it is closed"))
    this.#ready ??= this.#start()
    return this.#ready
  }

  async #start(): Promise<Instance> {
    this.#stats.instances += 1
    const instance: Instance = new Instance({
      ...this.#plan,
      guard: this.#guard,
      output: this.#output,
      onState: (state) => this.#onState(instance, state),
    })
    this.#latest = instance
    await instance.ready()
    return instance
  }

  #onState(instance: Instance, state: InstanceState): void {
    if (instance !== this.#latest) return
    this.#suspendedAt = state === "suspended" ? Date.now() : undefined
    if (state === "suspended") this.#stats.suspensions += 1
    if (state === "ended" && this.#ready) {
      this.#stats.crashes += 1
      this.#ready = undefined
    }
    this.#settle((waited) => waited === state, state === "ended" ? "the instance ended" : undefined)
  }

  /** Resolves the waiters that are met; rejects the others where no other state follows. */
  #settle(met: (state: InstanceState) => boolean, over?: string): void {
    const left = this.#waiters.filter(({ state }) => !met(state))
    for (const { state, resolve } of this.#waiters) if (met(state)) resolve()
    this.#waiters = over === undefined ? left : []
    if (over === undefined) return
    for (const { state, reject } of left) reject(new InstanceEndedError(`${over}; it never was ${state}`))
  }
}
