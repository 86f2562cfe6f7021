import { type Answer, BodyLostError, BodyTooLargeError, type EventFeed, type Exchange } from "./exchange.ts"
import type { Gateway } from "./gateway.ts"
import { NoRoomError, type Room } from "./room.ts"

/** Answers one request of the Web. */
export async function answerRequest(gateway: Gateway, request: Request): Promise<Response> {
  const { status, headers, body } = await gateway.answer(exchangeOf(request))
  return new Response(toBody(status, body), { status, headers })
}

function exchangeOf(request: Request): Exchange {
  const { method, url, headers } = request
  return {
    method,
    target: url.slice(url.indexOf("/", url.indexOf("//") + 2)),
    header: (name) => headers.get(name) ?? undefined,
    body: (room) => readBody(request, room),
    gone: () => request.signal,
  }
}

async function readBody({ headers, body }: Request, room: Room): Promise<Uint8Array> {
  room.check(Number(headers.get("content-length") ?? 0))
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of body ?? []) {
      room.take(part.length)
      size += part.length
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof BodyTooLargeError || error instanceof NoRoomError) throw error
    throw new BodyLostError("the body ended early", { cause: error })
  }
  const [only] = parts
  return parts.length === 1 && only ? only : joined(parts, size)
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function toBody(
  status: number,
  body: Answer["body"],
): string | Uint8Array<ArrayBuffer> | ReadableStream | null {
  if (status === 204) return null
  if (typeof body === "string") return body
  // What a platform gives as bytes lies in memory of its own.
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>
  return streamOf(body)
}

/** Events as a stream; they end with whoever stops reading. */
function streamOf(feed: EventFeed): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const events = feed[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await events.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: () => feed.close(),
  })
}
