/** What a callback handler calls when it is done. */
export type LambdaCallback<R> = (error?: Error | string | null, result?: R) => void

type CallbackHandler = (event: unknown, context: unknown, callback: LambdaCallback<unknown>) => unknown

/**
 * Calls a callback handler and gives a promise: Node 24's runtime refuses callbacks. As with Lambda's own, whichever
 * comes first counts, the callback or the end of a promise that the handler gave; errors pass unchanged, strings too.
 */
export function promised(handler: CallbackHandler, event: unknown, context: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => {
      if (error === undefined || error === null) resolve(result)
      else reject(error)
    })
    if (isThenable(returned)) returned.then(resolve, reject)
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}
