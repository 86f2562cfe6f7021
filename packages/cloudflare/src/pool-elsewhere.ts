import { ConfigError } from "@warmpool/core"

/** A class of the pool where there are no modules of workerd. Throws ConfigError, always. */
class Elsewhere {
  constructor() {
    throw new ConfigError(
      `${new.target.name}: this is not workerd, as far as its bundler told: add the condition "workerd" (wrangler does; esbuild: --conditions=workerd)`,
    )
  }
}

export class RedisPool extends Elsewhere {}
export class RedisBinding extends Elsewhere {}
