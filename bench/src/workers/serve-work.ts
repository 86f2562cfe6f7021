const BURST = 1_000

/** What a Worker's work needs of a client. */
interface WorkerClient {
  get(key: string): Promise<unknown>
  close(): Promise<unknown>
}

/** The Worker's answer to a request: `?work=bursts|connects&times=…&url=…&key=…`. */
export function serveWork(
  open: (url: string) => Promise<WorkerClient>,
): (request: { readonly url: string }) => Promise<Response> {
  return async (request) => {
    const { searchParams } = new URL(request.url)
    const parameter = (name: string) => searchParams.get(name) ?? ""
    const [url, key, times] = [parameter("url"), parameter("key"), Number(parameter("times"))]
    if (parameter("work") === "connects") {
      for (let turn = 0; turn < times; turn += 1) await once(await open(url), key)
      return new Response("done")
    }
    const client = await open(url)
    for (let turn = 0; turn < times; turn += 1) {
      await Promise.all(Array.from({ length: BURST }, () => client.get(key)))
    }
    await client.close()
    return new Response("done")
  }
}

/** A connection for one GET, as a request of its own would have. */
async function once(client: WorkerClient, key: string): Promise<void> {
  await client.get(key)
  await client.close()
}
