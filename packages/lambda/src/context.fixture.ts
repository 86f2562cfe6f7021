/** A context as Lambda makes it, of an invocation with so much time left. */
export function contextOf(leftMs: number) {
  const endsAt = Date.now() + leftMs
  return { callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => endsAt - Date.now() }
}
