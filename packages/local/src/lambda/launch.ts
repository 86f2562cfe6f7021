import { fileURLToPath } from "node:url"
import type { Settings } from "./options.ts"
import type { Launch } from "./process-group.ts"

// The same layout holds in src (run by type stripping) and in dist.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js"
const RUNTIME = fileURLToPath(new URL(`./runtime/main.${EXTENSION}`, import.meta.url))

/** What a sandbox is told about itself. */
export interface SandboxIdentity {
  readonly runtimeApi: string
  readonly id: string
  readonly initializationType: "on-demand" | "provisioned-concurrency"
}

/** How to start one sandbox: our runtime, or the command the user put in its place. */
export function launchOf(settings: Settings, identity: SandboxIdentity): Launch {
  const { handler, runtime, memory } = settings
  // Lambda's own bootstrap leaves a tenth of the memory to what is outside V8's heap.
  const heap = `--max-old-space-size=${Math.floor(memory * 0.9)}`
  const command = runtime ?? [process.execPath, heap, RUNTIME, handler.file, handler.exportPath]
  return { command, cwd: handler.root, env: environment(settings, identity) }
}

// Source: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
function environment(settings: Settings, identity: SandboxIdentity): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "local",
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    ...settings.env,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`,
    AWS_LAMBDA_RUNTIME_API: identity.runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: settings.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: identity.initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${settings.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${today()}/[$LATEST]${identity.id}`,
    LAMBDA_TASK_ROOT: settings.handler.root,
    LAMBDA_RUNTIME_DIR: fileURLToPath(new URL("./runtime", import.meta.url)),
    _HANDLER: settings.handler.name,
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10).replaceAll("-", "/")
}
