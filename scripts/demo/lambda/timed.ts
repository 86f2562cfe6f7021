// The handler named by HANDLER, timed from within its sandbox: what the invocation itself waited for.
const { handler: inner } = await import(process.env["HANDLER"] ?? "")

let cold = true

export interface Timed {
  readonly ms: number
  readonly cold: boolean
}

export async function handler(event: unknown, context: unknown): Promise<Timed> {
  const startedAt = performance.now()
  await inner(event, context)
  const timed = { ms: performance.now() - startedAt, cold }
  cold = false
  return timed
}
