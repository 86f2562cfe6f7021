/** As much of the runtime's module as Workers here use: the suite knows Node's types, not those of Workers. */
declare module "cloudflare:workers" {
  export class DurableObject<Env = unknown> {
    constructor(ctx: DurableObjectContext, env: Env)
    protected readonly ctx: DurableObjectContext
    protected readonly env: Env
  }
  export class WorkerEntrypoint<Env = unknown> {
    protected readonly env: Env
  }
  export class RpcTarget {}
  interface DurableObjectContext {
    waitUntil(promise: Promise<unknown>): void
    abort(reason?: string): void
  }
}
