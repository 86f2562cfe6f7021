import type { Arg } from "@warmpool/core"
import type { Batch } from "./answers.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Where a batch goes: a transaction is a batch of its own. */
export function pathOf(batch: Batch): "/" | "/pipeline" | "/multi-exec" {
  if (batch[0] && "commands" in batch[0]) return "/multi-exec"
  return batch.length > 1 ? "/pipeline" : "/"
}

/** The body of a batch; undefined if an argument is not UTF-8. */
export function textBody(batch: Batch): string | undefined {
  try {
    return bodyOf(batch, (arg) => (typeof arg === "string" ? arg : utf8.decode(arg)))
  } catch {
    return undefined
  }
}

/** The body of a batch, each argument written in this way. */
export function bodyOf(batch: Batch, write: (arg: Arg) => string): string {
  const commands = batch.flatMap((job) => ("args" in job ? [job.args] : job.commands))
  const written = commands.map((args) => args.map(write))
  return JSON.stringify(pathOf(batch) === "/" ? written[0] : written)
}
