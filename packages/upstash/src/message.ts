import type { Arg, Request, Transaction } from "@warmpool/core"
import type { Batch } from "./answers.ts"
import type { Codec } from "./codec.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Whether a batch is one transaction, which has a path of its own and no RESP2. */
export function isTransaction(batch: Batch): boolean {
  return batch[0] !== undefined && "commands" in batch[0]
}

/** The path of a batch, and its body: a transaction is a batch of its own. */
export function pathOf(batch: Batch): string {
  if (isTransaction(batch)) return "/multi-exec"
  return batch.length > 1 ? "/pipeline" : "/"
}

/** The body of a batch as text; undefined if an argument is not UTF-8. */
export function textBody(batch: Batch): string | undefined {
  try {
    return bodyOf(batch, (args) => (args.every(isText) ? args : args.map(toText)))
  } catch {
    return undefined
  }
}

/** The same with every argument in base64. */
export function base64Body(batch: Batch, codec: Codec): string {
  return bodyOf(batch, (args) => args.map(codec.encode))
}

function bodyOf(batch: Batch, write: (args: readonly Arg[]) => readonly Arg[]): string {
  const commands = batch.flatMap(commandsOf).map(write)
  return JSON.stringify(pathOf(batch) === "/" ? commands[0] : commands)
}

function commandsOf(job: Request | Transaction): readonly (readonly Arg[])[] {
  return "args" in job ? [job.args] : job.commands
}

function isText(arg: Arg): boolean {
  return typeof arg === "string"
}

function toText(arg: Arg): string {
  return typeof arg === "string" ? arg : utf8.decode(arg)
}
