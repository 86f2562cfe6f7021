import { setTimeout as sleep } from "node:timers/promises"
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { type LocalLambda, startLambda } from "@warmpool/local"
import type { DemoServer } from "./server.ts"
import type { Timed } from "./timed.ts"

export interface Load {
  readonly rounds: number
  /** Invocations at once, each in a sandbox of its own. */
  readonly sandboxes: number
  /** How long sandboxes stay frozen between rounds, ms. */
  readonly frozenMs: number
  /** Every so many rounds the server closes all connections while the sandboxes are frozen. */
  readonly killEvery: number
}

export interface Result {
  readonly invocations: number
  readonly errors: number
  readonly connections: number
  /** How often the counter was raised; each invocation raises it once. */
  readonly visits: number
  /** What invocations in thawed sandboxes waited for, ms, in ascending order. */
  readonly thawed: readonly number[]
}

/** Puts one handler under load: rounds of invocations through the AWS SDK, with real freezes between them. */
export async function runHandler(
  handler: URL,
  server: DemoServer,
  load: Load & { readonly onRound: (round: number) => void },
): Promise<Result> {
  const keyPrefix = `warmpool-demo:${process.pid}:${Date.now()}:`
  await using lambda = await startLambda({
    handler: new URL("./timed.ts", import.meta.url),
    functionName: "demo",
    concurrency: load.sandboxes,
    env: { REDIS_URL: server.url, KEY_PREFIX: keyPrefix, HANDLER: handler.href },
  })
  const { endpoint, region, credentials } = lambda
  const client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 })
  const before = await server.connections()
  const timings: Timed[] = []
  let errors = 0
  for (let round = 1; round <= load.rounds; round += 1) {
    const calls = Array.from({ length: load.sandboxes }, () => invoke(client, lambda))
    for (const timed of await Promise.all(calls)) {
      if (timed) timings.push(timed)
      else errors += 1
    }
    await sleep(load.frozenMs)
    if (round % load.killEvery === 0) await server.kill()
    load.onRound(round)
  }
  client.destroy()
  return {
    invocations: load.rounds * load.sandboxes,
    errors,
    connections: (await server.connections()) - before,
    visits: await server.take(`${keyPrefix}visits`),
    thawed: timings
      .filter(({ cold }) => !cold)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b),
  }
}

/** One invocation; undefined when the function failed. */
async function invoke(client: LambdaClient, { functionName }: LocalLambda): Promise<Timed | undefined> {
  const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: functionName }))
  if (FunctionError !== undefined || Payload === undefined) return undefined
  return JSON.parse(new TextDecoder().decode(Payload)) as Timed
}
