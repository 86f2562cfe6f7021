import { WarmpoolError } from "@warmpool/core"
import { type Command, type Surroundings, UsageError } from "./command.ts"
import { gateway } from "./gateway.ts"

/** A file for each command. */
const commands: readonly Command[] = [gateway]

const USAGE = `warmpool: warm Redis for functions that come and go

${commands.map(({ name, summary }) => `  npx warmpool ${name}   ${summary}`).join("\n")}

  npx warmpool <command> --help`

/** Runs what the arguments ask for; gives the exit code, 1 with one line that says what to change. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name = "--help", ...rest] = args
  if (name === "--help" || name === "-h" || name === "help") {
    surroundings.say(USAGE)
    return 0
  }
  try {
    const command = commands.find((one) => one.name === name)
    if (command === undefined)
      throw new UsageError(`there is no such command: there is ${commands.map((one) => one.name).join(", ")}`)
    await command.run(rest, surroundings)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof WarmpoolError)) throw error
    surroundings.warn(`warmpool: ${error.message}`)
    return 1
  }
}
