import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { type LocalLambda, startLambda } from "@warmpool/local"
import { ownPrefix } from "../act.ts"
import type { DemoServer } from "../server.ts"
import type { Timed } from "./timed.ts"

/** What one handler has to show for itself. */
export interface Result {
  readonly invocations: number
  readonly errors: number
  readonly connections: number
  /** How often the counter was raised; each invocation raises it once. */
  readonly visits: number
  /** What invocations in thawed sandboxes waited for, ms. */
  readonly thawed: readonly number[]
  /** The same, of those whose connection the server had closed in the meantime. */
  readonly closed: readonly number[]
}

/** One handler on a local Lambda of its own, invoked through the AWS SDK. */
export class Contender implements AsyncDisposable {
  readonly #server: DemoServer
  readonly #lambda: LocalLambda
  readonly #client: LambdaClient
  readonly #key: string
  readonly #thawed: number[] = []
  readonly #closed: number[] = []
  #invocations = 0
  #errors = 0
  #connections = 0

  private constructor(server: DemoServer, lambda: LocalLambda, key: string) {
    const { endpoint, region, credentials } = lambda
    this.#server = server
    this.#lambda = lambda
    this.#key = key
    this.#client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 })
  }

  /** @param handler - Exports `handler`, which raises the counter `visits` under its KEY_PREFIX by one. */
  static async start(handler: URL, server: DemoServer, sandboxes: number): Promise<Contender> {
    const keyPrefix = ownPrefix()
    const lambda = await startLambda({
      handler: new URL("./timed.ts", import.meta.url),
      functionName: "demo",
      concurrency: sandboxes,
      env: { REDIS_URL: server.url, KEY_PREFIX: keyPrefix, HANDLER: handler.href },
    })
    return new Contender(server, lambda, `${keyPrefix}visits`)
  }

  /** Invokes every sandbox once, all at once; they are frozen again when it resolves. */
  async round(sandboxes: number, meanwhile: "left alone" | "closed"): Promise<void> {
    const before = await this.#server.connections()
    const calls = Array.from({ length: sandboxes }, () => this.#invoke())
    for (const timed of await Promise.all(calls)) {
      this.#invocations += 1
      if (timed === undefined) this.#errors += 1
      else if (!timed.cold) {
        this.#thawed.push(timed.ms)
        if (meanwhile === "closed") this.#closed.push(timed.ms)
      }
    }
    this.#connections += (await this.#server.connections()) - before
  }

  async result(): Promise<Result> {
    return {
      invocations: this.#invocations,
      errors: this.#errors,
      connections: this.#connections,
      visits: await this.#server.read(this.#key),
      thawed: this.#thawed,
      closed: this.#closed,
    }
  }

  /** Ends the sandboxes and removes the counter. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.#lambda.close()
    await this.#server.remove(this.#key)
  }

  /** One invocation; undefined when the function failed. */
  async #invoke(): Promise<Timed | undefined> {
    const command = new InvokeCommand({ FunctionName: this.#lambda.functionName })
    const { FunctionError, Payload } = await this.#client.send(command)
    if (FunctionError !== undefined || Payload === undefined) return undefined
    return JSON.parse(Payload.transformToString()) as Timed
  }
}
