import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { App, Stack, Validations } from "aws-cdk-lib"
import { CfnInclude } from "aws-cdk-lib/cloudformation-include"

/** Anything that a template may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** One resource of a template. */
export interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly Metadata?: JsonObject
  readonly Properties: JsonObject
}

/** A template as CloudFormation would see it, before SAM unfolds it. */
export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: Json; readonly Type: string }>>
  readonly Conditions: Readonly<Record<string, Json>>
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs: Readonly<
    Record<string, { readonly Value: Json; readonly Export?: { readonly Name: Json } }>
  >
}

/** What the validation of a template may complain of, and why it is wrong there. */
const ACKNOWLEDGED: readonly (readonly [rule: string, why: string])[] = [
  [
    "CloudFormation-Validate::W1001",
    "it does not see that an Fn::If in an output is the resource's own condition",
  ],
  [
    "CloudFormation-Validate::W1030",
    "the empty default of a parameter is never used: an Fn::If stands before it",
  ],
  ["CloudFormation-Validate::W2509", "it takes the ARN of a secret for the secret"],
]

export const FOLDER = fileURLToPath(new URL("../../../infra/sam/", import.meta.url))

/** Reads a template through CfnInclude, and has CDK's own validation judge it: what it finds is in `violations`. */
export function readTemplate(name: string): {
  readonly template: Template
  readonly violations: readonly Json[]
} {
  const outdir = mkdtempSync(join(tmpdir(), "warmpool-sam-"))
  try {
    const app = new App({ outdir, analyticsReporting: false })
    for (const [id, reason] of ACKNOWLEDGED) Validations.of(app).acknowledge({ id, reason })
    const stack = new Stack(app, "stack")
    new CfnInclude(stack, "template", { templateFile: join(FOLDER, name) })
    const { stacks } = app.synth()
    const report = JSON.parse(readFileSync(join(outdir, "validation-report.json"), "utf8"))
    const violations = report.pluginReports.flatMap((one: { violations: Json[] }) => one.violations)
    return { template: stacks[0]?.template, violations }
  } finally {
    rmSync(outdir, { recursive: true })
  }
}
