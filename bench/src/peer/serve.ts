import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { KEYS_OF } from "../data.ts"
import type { Subject } from "./subject.ts"

/** Serves HTTP on a free port: three GETs, one after another, for each request. Ends with the process. */
export async function serve({ client }: Subject, _order: object): Promise<number> {
  const [first = "", second = "", third = ""] = KEYS_OF["10 B"]
  const answer = async (): Promise<string> => {
    const one = await client.get(first)
    const two = await client.get(second)
    return `${one}${two}${await client.get(third)}`
  }
  const server = createServer((_request, response) => {
    answer().then(
      (body) => response.end(body),
      () => response.destroy(),
    )
  })
  server.keepAliveTimeout = 600_000
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as AddressInfo).port
}

/** CPU time of this process so far, µs. */
export function cpu(_subject: Subject, _order: object): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
