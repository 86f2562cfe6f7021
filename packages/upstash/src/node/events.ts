/** The texts of a stream of server-sent events; comments and other fields are left out. */
export async function* eventsOf(
  body: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let rest = ""
  let data: string[] = []
  for await (const chunk of body) {
    onBytes(chunk.length)
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines.map((one) => one.replace(/\r$/, ""))) {
      if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5))
      if (line !== "" || data.length === 0) continue
      yield data.join("\n")
      data = []
    }
  }
}
