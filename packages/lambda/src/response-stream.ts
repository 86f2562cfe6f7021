/** What is needed of Lambda's response stream, or of any Writable in its place. */
interface ResponseStream {
  readonly writableEnded?: boolean
  readonly destroyed?: boolean
  write(chunk: unknown): unknown
  end(chunk: unknown): unknown
  once(event: string, listener: () => void): unknown
}

/** Remembered on a handler by `awslambda.streamifyResponse`, and read by the runtime. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming")

/** Whether the handler was given to `awslambda.streamifyResponse`. */
export function isStreaming(handler: object): boolean {
  return STREAMING in handler
}

/** Makes a wrapper a streaming handler where the wrapped one is, with the same high-water mark. */
export function copyStreaming(from: object, to: object): void {
  for (const key of Object.getOwnPropertySymbols(from)) Reflect.set(to, key, Reflect.get(from, key))
}

export function isResponseStream(value: unknown): value is ResponseStream {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "write") === "function" &&
    typeof Reflect.get(value, "once") === "function"
  )
}

/** Resolves once the body has ended: a piped one goes on, and may need Redis, after the handler has returned. */
export async function bodyEnded(stream: ResponseStream): Promise<void> {
  if (stream.writableEnded !== false || stream.destroyed) return
  await new Promise<void>((resolve) => {
    stream.once("finish", resolve)
    stream.once("close", resolve)
  })
}

/** Gives an answer as the runtime takes it: into the response stream where there is one, else as the result. */
export async function endWith(second: unknown, answer: object): Promise<unknown> {
  if (!isResponseStream(second)) return answer
  second.end(JSON.stringify(answer))
  return bodyEnded(second)
}
