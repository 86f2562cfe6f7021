import type { Arg } from "@warmpool/core"
import type { Batch } from "./answers.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Where a batch goes: a transaction is a batch of its own. */
export function pathOf(batch: Batch): "/" | "/pipeline" | "/multi-exec" {
  if (batch[0] && "commands" in batch[0]) return "/multi-exec"
  return batch.length > 1 ? "/pipeline" : "/"
}

/** Whether all of a command is UTF-8, or of a transaction. */
export function isText(job: Batch[number]): boolean {
  try {
    for (const args of commandsOf(job)) args.forEach(textOf)
    return true
  } catch {
    return false
  }
}

function textOf(arg: Arg): string {
  return typeof arg === "string" ? arg : utf8.decode(arg)
}

function commandsOf(job: Batch[number]): readonly (readonly Arg[])[] {
  return "args" in job ? [job.args] : job.commands
}

/** The body of a batch, each argument written in this way. */
export function bodyOf(batch: Batch, write = textOf): string {
  const written = batch.flatMap(commandsOf).map((args) => args.map(write))
  return JSON.stringify(pathOf(batch) === "/" ? written[0] : written)
}
