/** What a Worker of the demo finds in its environment beside its way to the server. */
export interface DemoEnv {
  /** The counter that each request raises. */
  readonly KEY: string
}
