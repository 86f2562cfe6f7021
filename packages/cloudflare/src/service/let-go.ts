/** Lets go of what an answer of the pool holds there. Of its parts alone the runtime lets nothing go before the caller ends. */
export function letGo(answer: object): void {
  const { [Symbol.dispose]: dispose } = answer as Partial<Disposable>
  dispose?.call(answer)
}
