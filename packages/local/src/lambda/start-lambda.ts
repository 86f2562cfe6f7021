import { LambdaOptionError } from "./errors.ts"
import { Fleet, type LambdaStats, type SandboxInfo } from "./fleet.ts"
import { InvokeApi } from "./invoke-api.ts"
import { checkOptions, type LambdaOptions, type Settings } from "./options.ts"

/**
 * A function on this machine. `endpoint`, `region` and `credentials` are what an SDK client needs:
 * `new LambdaClient({ endpoint, region, credentials })`.
 */
export interface LocalLambda extends AsyncDisposable {
  readonly endpoint: string
  readonly region: string
  /** Dummies: signatures are not checked. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly functionName: string
  /** Every sandbox that lives, the oldest first. */
  sandboxes(): readonly SandboxInfo[]
  stats(): LambdaStats
  /**
   * Starts sandboxes until `count` exist; resolves when they are initialised, and frozen unless `freeze` is false.
   *
   * @throws SandboxInitError when one of them does not come up.
   */
  prewarm(count: number): Promise<void>
  /** Freezes what is idle now, whatever `freeze` says. */
  freeze(): void
  /** Thaws what is frozen now, without an invocation. */
  thaw(): void
  /** Resolves once no invocation runs or is queued. */
  settled(): Promise<void>
  /** Ends every sandbox as Lambda does, and the server. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts a function on a local Lambda: AWS's Invoke, Runtime and Extensions APIs, one process per sandbox, frozen
 * between invocations. The caller owns it and closes it; its processes end with this one in any case. Async
 * events are not retried when they fail.
 *
 * @throws LambdaOptionError when an option is wrong; it names the fix.
 */
export async function startLambda(options: LambdaOptions): Promise<LocalLambda> {
  if (process.platform === "win32") {
    throw new LambdaOptionError(
      "startLambda freezes with SIGSTOP, which Windows lacks: run it on Linux, macOS or WSL",
    )
  }
  const settings = checkOptions(options)
  const fleet = new Fleet(settings)
  const api = new InvokeApi(settings, fleet)
  const endpoint = await api.listen().catch(async (error) => {
    await fleet.close()
    throw error
  })
  return localLambda(settings, { fleet, api, endpoint })
}

function localLambda(
  { region, functionName, concurrency }: Settings,
  { fleet, api, endpoint }: { fleet: Fleet; api: InvokeApi; endpoint: string },
): LocalLambda {
  const close = async () => {
    await Promise.all([fleet.close(), api.close()])
  }
  return {
    endpoint,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    functionName,
    sandboxes: () => fleet.list(),
    stats: () => fleet.stats(),
    prewarm: async (count) => {
      if (Number.isInteger(count) && count >= 0 && count <= concurrency) return fleet.prewarm(count)
      throw new LambdaOptionError(
        `prewarm takes 0 to ${concurrency} sandboxes, not ${count}: raise concurrency`,
      )
    },
    freeze: () => fleet.each((sandbox) => sandbox.freeze()),
    thaw: () => fleet.each((sandbox) => sandbox.thaw()),
    settled: () => fleet.settled(),
    close,
    [Symbol.asyncDispose]: close,
  }
}
