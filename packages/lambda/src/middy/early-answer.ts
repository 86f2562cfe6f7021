/** What is needed of middy's request. */
export interface MiddyRequest {
  readonly event: unknown
  readonly context: object
  response?: unknown
}

/**
 * Makes middy wait for `settle` when a middleware answers early: it then skips every hook that is left, and only sets the
 * response that it is about to return. A promise in its place is awaited.
 * Source: `runRequest` of @middy/core 7.
 */
export function onEarlyAnswer(request: MiddyRequest, settle: () => Promise<void>): void {
  let response = request.response
  Object.defineProperty(request, "response", {
    configurable: true,
    enumerable: true,
    get: () => response,
    set: (given: unknown) => {
      const isEarly = given !== undefined && "earlyResponse" in request && request.earlyResponse === given
      response = isEarly ? settle().then(() => given) : given
    },
  })
}
