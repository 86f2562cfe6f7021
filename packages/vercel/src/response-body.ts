/** The same response; `sent` is called once, when its body has been sent or nobody reads it any more. */
export function untilSent(response: Response, sent: () => Promise<void>): Response {
  const reader = response.body?.getReader()
  if (reader === undefined) return response
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        await sent()
        controller.close()
      } catch (error) {
        controller.error(error)
        await sent()
      }
    },
    async cancel(reason) {
      await reader.cancel(reason).catch(() => undefined)
      await sent()
    },
  })
  return new Response(body, response)
}
