import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { type LambdaOptions, type LocalLambda, startLambda } from "@warmpool/local"

/** How one invocation ended, as AWS's SDK tells it. */
export interface Invoked {
  /** `Unhandled` when the function failed. */
  readonly functionError: string | undefined
  readonly text: string
  /** The answer, or `{ errorType, errorMessage, trace }`. */
  readonly answer: Readonly<Record<string, unknown>>
  readonly tookMs: number
}

/** A function of `functions.fixture.ts` on a local Lambda, the SDK's client for it, and everything it logged. */
export interface Deployed extends AsyncDisposable {
  readonly lambda: LocalLambda
  readonly log: readonly string[]
  invoke(event?: object): Promise<Invoked>
  /** One invocation in each of so many sandboxes. */
  invokeAll(count: number): Promise<Invoked[]>
}

export interface DeployOptions extends Omit<LambdaOptions, "handler"> {
  readonly redisUrl: string
  /** What the function hands to `createRedis`. */
  readonly redis?: object
}

const FUNCTIONS = new URL("./functions.fixture.ts", import.meta.url).pathname

/** Puts a handler of the fixture, or a file of its own, on a local Lambda. */
export async function deploy(handler: string, options: DeployOptions): Promise<Deployed> {
  const { redisUrl, redis = {}, env, ...others } = options
  const log: string[] = []
  const lambda = await startLambda({
    handler: handler.startsWith("/") ? handler : FUNCTIONS.replace(/\.ts$/, `.${handler}`),
    log: (line) => log.push(line),
    env: { REDIS_URL: redisUrl, OPTIONS: JSON.stringify(redis), ...env },
    ...others,
  })
  const { endpoint, region, credentials, functionName } = lambda
  const client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 })
  const invoke = async (event: object = {}): Promise<Invoked> => {
    const startedAt = performance.now()
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) })
    const { FunctionError, Payload } = await client.send(command)
    const text = Payload?.transformToString() ?? ""
    return { functionError: FunctionError, text, answer: parsed(text), tookMs: performance.now() - startedAt }
  }
  return {
    lambda,
    log,
    invoke,
    invokeAll: (count) => Promise.all(Array.from({ length: count }, () => invoke())),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await lambda.close()
    },
  }
}

// A streamed body need not be JSON.
function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
