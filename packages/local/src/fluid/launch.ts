import type { Launch } from "../lambda/process-group.ts"

/** What one instance is started with. */
export interface InstanceFile {
  /** Our side of the process: loads the handler and serves it. */
  readonly runtime: string
  /** The function's own file, and the folder it runs in. */
  readonly file: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Further words for our side of it. */
  readonly args: readonly string[]
}

/** How to start an instance. Source of the names: vercel.com/docs/environment-variables/system-environment-variables */
export function launchOf({ runtime, file, cwd, env, args }: InstanceFile): Launch {
  return {
    command: [process.execPath, runtime, file, ...args],
    cwd,
    env: {
      PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      NODE_ENV: "production",
      VERCEL: "1",
      VERCEL_ENV: "production",
      VERCEL_TARGET_ENV: "production",
      VERCEL_REGION: "iad1",
      VERCEL_URL: "local.vercel.app",
      ...env,
    },
  }
}
