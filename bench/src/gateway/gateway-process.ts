import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url))
const TOKEN = "bench-token"

/** A gateway in a process of its own, as it stands beside a function and not in it. */
export interface GatewayProcess extends AsyncDisposable {
  /** `http://:token@host:port`. */
  readonly address: string
  readonly port: number
  readonly token: string
}

/** Starts one in front of a server; resolves when it listens. */
export async function startGateway(redisUrl: string): Promise<GatewayProcess> {
  const execArgv = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"]
  const child = fork(MAIN, [redisUrl, TOKEN], { execArgv })
  const [told] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("the gateway did not start"))),
  ])) as [{ readonly url: string }]
  const address = new URL(told.url)
  address.password = TOKEN
  return {
    address: address.href,
    port: Number(address.port),
    token: TOKEN,
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit")
      child.kill("SIGKILL")
      await gone
    },
  }
}
