/** An error as the Runtime API takes it. */
export interface FunctionError {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: readonly string[]
}

/** An error of the runtime, not of the function's own code. */
export class RuntimeError extends Error {
  override readonly name: string

  constructor(type: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = `Runtime.${type}`
  }
}

/** Whatever a function threw, in Lambda's shape. */
export function describeError(thrown: unknown): FunctionError {
  if (thrown instanceof Error || isErrorLike(thrown)) {
    return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") }
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] }
}

// An error of another realm is no instance of ours.
function isErrorLike(thrown: unknown): thrown is Error {
  return (
    typeof thrown === "object" &&
    thrown !== null &&
    "name" in thrown &&
    "message" in thrown &&
    "stack" in thrown
  )
}
